/// How images are varied before the two networks see them: every probability and range by name.
///
/// `medical` keeps what a diagnosis rests on (shape, texture, relative grey) and varies what a scanner or a stain does;
/// `natural` is DINO's own recipe for photographs (Caron et al. 2021, arXiv 2104.14294, and BYOL's before it).
public struct AugmentationPreset: Codable, Hashable, Sendable {
  /// Which of DINO's crops is being made; blur and solarisation differ between them.
  public enum View: Sendable, CaseIterable { case firstGlobal, secondGlobal, local }

  /// A probability for each kind of crop.
  public struct ByView: Codable, Hashable, Sendable {
    public var firstGlobal: Double
    public var secondGlobal: Double
    public var local: Double

    public init(firstGlobal: Double, secondGlobal: Double, local: Double) {
      self.firstGlobal = firstGlobal
      self.secondGlobal = secondGlobal
      self.local = local
    }

    public subscript(view: View) -> Double {
      switch view {
      case .firstGlobal: firstGlobal
      case .secondGlobal: secondGlobal
      case .local: local
      }
    }
  }

  /// Width over height of the region cut out; drawn log-uniformly.
  public var aspect: ClosedRange<Double> = 3.0 / 4...4.0 / 3

  public var horizontalFlipProbability = 0.5
  public var verticalFlipProbability = 0.0

  public var rotationProbability = 0.0
  /// The largest turn to either side, in degrees; at most 45.
  public var rotationDegrees = 0.0

  /// Grey images only, what a radiologist's window does: `(v − mean) · width + mean + level`.
  public var windowProbability = 0.0
  /// The largest shift to either side, in units of the full range.
  public var windowLevel = 0.0
  /// Factor of contrast, drawn log-uniformly.
  public var windowWidth: ClosedRange<Double> = 1...1

  /// Grey images only: `v ↦ v^γ`.
  public var gammaProbability = 0.0
  /// Drawn log-uniformly.
  public var gamma: ClosedRange<Double> = 1...1

  /// Colour jitter in a random order, as torchvision defines the four: each factor is drawn from 1 ± strength, hue from ± strength turns.
  public var jitterProbability = 0.0
  public var brightness = 0.0
  public var contrast = 0.0
  public var saturation = 0.0
  public var hue = 0.0
  /// Whether grey images are jittered too (brightness and contrast; the other two do nothing to them).
  public var jittersGrey = false

  /// Colour images only: the optical density −log v of each channel is scaled by its own factor 1 ± strength, as a thinner
  /// or thicker stain does.
  public var stainProbability = 0.0
  public var stain = 0.0

  /// Colour images only: becomes grey.
  public var greyscaleProbability = 0.0

  public var blurProbability = ByView(firstGlobal: 0, secondGlobal: 0, local: 0)
  /// Standard deviation of the Gaussian in pixels of the crop.
  public var blurDeviation: ClosedRange<Double> = 0.1...2

  public var solarizeProbability = ByView(firstGlobal: 0, secondGlobal: 0, local: 0)
  /// Values at or above are inverted.
  public var solarizeThreshold = 0.5

  public var noiseProbability = 0.0
  /// Standard deviation of the noise in units of the full range.
  public var noiseDeviation: ClosedRange<Double> = 0...0

  public init() {}

  /// The default: safe for mixed archives of films, slices and stained tissue. No solarisation, no inversion, no mirror upside down.
  public static let medical: AugmentationPreset = {
    var preset = AugmentationPreset()
    preset.rotationProbability = 0.5
    preset.rotationDegrees = 10
    preset.windowProbability = 0.8
    preset.windowLevel = 0.1
    preset.windowWidth = 0.7...1.4
    preset.gammaProbability = 0.5
    preset.gamma = 0.7...1.5
    preset.jitterProbability = 0.8
    preset.brightness = 0.3
    preset.contrast = 0.3
    preset.saturation = 0.4
    preset.hue = 0.08
    preset.stainProbability = 0.8
    preset.stain = 0.4
    preset.greyscaleProbability = 0.2
    preset.blurProbability = ByView(firstGlobal: 0.5, secondGlobal: 0.1, local: 0.3)
    preset.blurDeviation = 0.1...1.2
    preset.noiseProbability = 0.3
    preset.noiseDeviation = 0...0.03
    return preset
  }()

  /// DINO's own, for photographs.
  public static let natural: AugmentationPreset = {
    var preset = AugmentationPreset()
    preset.jitterProbability = 0.8
    preset.brightness = 0.4
    preset.contrast = 0.4
    preset.saturation = 0.2
    preset.hue = 0.1
    preset.jittersGrey = true
    preset.greyscaleProbability = 0.2
    preset.blurProbability = ByView(firstGlobal: 1, secondGlobal: 0.1, local: 0.5)
    preset.blurDeviation = 0.1...2
    preset.solarizeProbability = ByView(firstGlobal: 0, secondGlobal: 0.2, local: 0)
    preset.solarizeThreshold = 128.0 / 255
    return preset
  }()

  /// Crops and nothing else.
  public static let none: AugmentationPreset = {
    var preset = AugmentationPreset()
    preset.horizontalFlipProbability = 0
    return preset
  }()

  /// The preset a recipe names: `medical`, `natural`, `none`.
  public static func named(_ name: String) -> AugmentationPreset? {
    switch name {
    case "medical": medical
    case "natural": natural
    case "none": AugmentationPreset.none
    default: nil
    }
  }

  /// Every name `named` knows.
  public static let names = ["medical", "natural", "none"]
}
