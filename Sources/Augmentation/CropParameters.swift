public import Tensors

/// Everything random about one crop, drawn before a pixel is touched: the pixel work is then a plain function of this value.
public struct CropParameters: Hashable, Sendable {
  /// One step of colour jitter with its factor (hue: turns).
  public enum Jitter: Hashable, Sendable {
    case brightness(Float)
    case contrast(Float)
    case saturation(Float)
    case hue(Float)
  }

  public struct Noise: Hashable, Sendable {
    public enum Kind: String, Codable, Hashable, Sendable {
      /// Added, of one deviation everywhere.
      case additive
      /// Of a magnitude image, √((v + n)² + n'²): lifts the dark (Gudbjartsson, Patz 1995, Magn. Reson. Med. 34:910).
      case rician
      /// Multiplied, v · (1 + n).
      case speckle
    }

    public var kind: Kind
    public var deviation: Float
    public var key: UInt64

    public init(_ kind: Kind = .additive, deviation: Float, key: UInt64) {
      self.kind = kind
      self.deviation = deviation
      self.key = key
    }
  }

  /// Factors and shifts of the concentrations of two stains.
  public struct Concentrations: Hashable, Sendable {
    public var haematoxylinScale: Float = 1
    public var haematoxylinShift: Float = 0
    public var eosinScale: Float = 1
    public var eosinShift: Float = 0

    public init() {}
  }

  /// Contrast about the mean, then a shift.
  public struct Window: Hashable, Sendable {
    public var width: Float
    public var level: Float

    public init(width: Float, level: Float) {
      self.width = width
      self.level = level
    }
  }

  public var box: CropBox
  public var flipsHorizontally = false
  public var flipsVertically = false
  /// Rows become columns, after flips and rotation.
  public var isTransposed = false
  /// Radians, positive from the x axis towards the y axis (clockwise on a screen).
  public var rotation = 0.0
  public var window: Window?
  public var gamma: Float?
  /// In the order of application.
  public var jitter: [Jitter] = []
  /// Factor of optical density, a channel.
  public var stain: [Float]?
  public var concentrations: Concentrations?
  public var becomesGrey = false
  public var blurDeviation: Double?
  public var solarizeThreshold: Float?
  /// In the order of drawing.
  public var marks: [FilmMark] = []
  public var noise: Noise?
  /// 1…100.
  public var jpegQuality: Int?

  /// A crop of `box` and nothing else.
  public init(box: CropBox) { self.box = box }
}

extension AugmentationPreset {
  /// Draws one crop's parameters: a function of the generator's state, the preset, the view, the image's extent and whether it has colour.
  public func draw(
    view: View, scale: ClosedRange<Double>, height: Int, width: Int, hasColour: Bool, _ generator: inout RandomGenerator
  ) -> CropParameters {
    var drawn = CropParameters(
      box: .random(height: height, width: width, scale: scale, aspect: aspect, &generator))
    drawn.flipsHorizontally = generator.chance(horizontalFlipProbability)
    drawn.flipsVertically = generator.chance(verticalFlipProbability)
    if generator.chance(rotationProbability) {
      drawn.rotation = generator.uniform(-rotationDegrees...rotationDegrees) * .pi / 180
    }
    if hasColour || jittersGrey, generator.chance(jitterProbability) {
      drawn.jitter = drawJitter(hasColour, &generator)
    }
    if hasColour {
      if generator.chance(stainProbability) {
        drawn.stain = (0..<3).map { _ in Float(generator.uniform(1 - stain...1 + stain)) }
      }
      drawn.becomesGrey = generator.chance(greyscaleProbability)
    } else {
      if generator.chance(windowProbability) { drawn.window = drawWindow(&generator) }
      if generator.chance(gammaProbability) { drawn.gamma = Float(generator.logUniform(gamma)) }
    }
    if generator.chance(blurProbability[view]) { drawn.blurDeviation = generator.uniform(blurDeviation) }
    if generator.chance(solarizeProbability[view]) { drawn.solarizeThreshold = Float(solarizeThreshold) }
    if generator.chance(noiseProbability) {
      drawn.noise = CropParameters.Noise(
        noiseKind, deviation: Float(generator.uniform(noiseDeviation)), key: generator.next())
    }
    drawMore(of: &drawn, view, hasColour, &generator)
    return drawn
  }

  /// What came after the first presets. What a preset never does takes no random number, so that their draws stay what they were.
  private func drawMore(
    of drawn: inout CropParameters, _ view: View, _ hasColour: Bool, _ generator: inout RandomGenerator
  ) {
    func happens(_ probability: Double, _ generator: inout RandomGenerator) -> Bool {
      probability > 0 && generator.chance(probability)
    }
    drawn.isTransposed = happens(transposeProbability, &generator)
    if hasColour && changesToneOfColour {
      if happens(windowProbability, &generator) { drawn.window = drawWindow(&generator) }
      if happens(gammaProbability, &generator) { drawn.gamma = Float(generator.logUniform(gamma)) }
    }
    if hasColour, happens(concentrationProbability, &generator) {
      func scale() -> Float { Float(generator.uniform(1 - concentrationScale...1 + concentrationScale)) }
      func shift() -> Float { Float(generator.uniform(-concentrationShift...concentrationShift)) }
      var change = CropParameters.Concentrations()
      change.haematoxylinScale = scale()
      change.haematoxylinShift = shift()
      change.eosinScale = scale()
      change.eosinShift = shift()
      drawn.concentrations = change
    }
    if happens(jpegProbability, &generator) {
      drawn.jpegQuality = jpegQuality.lowerBound + generator.integer(below: jpegQuality.count)
    }
    if happens(coverProbability[view], &generator) { drawn.marks.append(drawCover(&generator)) }
    if happens(letterProbability[view], &generator) { drawn.marks.append(drawLetters(&generator)) }
    if happens(rimProbability[view], &generator) { drawn.marks.append(drawRim(&generator)) }
  }

  private func drawWindow(_ generator: inout RandomGenerator) -> CropParameters.Window {
    CropParameters.Window(
      width: Float(generator.logUniform(windowWidth)), level: Float(generator.uniform(-windowLevel...windowLevel)))
  }

  private func drawJitter(_ hasColour: Bool, _ generator: inout RandomGenerator) -> [CropParameters.Jitter] {
    func factor(_ strength: Double, _ generator: inout RandomGenerator) -> Float {
      Float(generator.uniform(max(0, 1 - strength)...1 + strength))
    }
    var steps: [CropParameters.Jitter] = []
    if brightness > 0 { steps.append(.brightness(factor(brightness, &generator))) }
    if contrast > 0 { steps.append(.contrast(factor(contrast, &generator))) }
    if hasColour && saturation > 0 { steps.append(.saturation(factor(saturation, &generator))) }
    if hasColour && hue > 0 { steps.append(.hue(Float(generator.uniform(-hue...hue)))) }
    generator.shuffle(&steps)
    return steps
  }
}
