/// How images are varied before the two networks see them: every probability and range by name.
///
/// `medical` keeps what a diagnosis rests on (shape, texture, relative grey) and varies what a scanner or a stain does; `radiograph`,
/// `pathology`, `slice` and `video` do so for one kind of archive; `natural` is DINO's own recipe for photographs (Caron et al. 2021,
/// arXiv 2104.14294, and BYOL's before it). Probabilities are 0…1. Grey values are 0…1 (the full range), sizes on a crop are pixels or
/// shares of its side, as said.
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

  /// Share of the image's area that a global crop shows, in 0…1, and a local one: what training takes unless told otherwise.
  public var globalScale: ClosedRange<Double> = 0.4...1
  public var localScale: ClosedRange<Double> = 0.1...0.4

  /// Width over height of the region cut out; drawn log-uniformly.
  public var aspect: ClosedRange<Double> = 3.0 / 4...4.0 / 3

  public var horizontalFlipProbability = 0.5
  public var verticalFlipProbability = 0.0
  /// Rows become columns. With this and both flips at ½, the eight turns and mirror images of a square are equally likely.
  public var transposeProbability = 0.0

  public var rotationProbability = 0.0
  /// The largest turn to either side, in degrees; at most 45.
  public var rotationDegrees = 0.0

  /// Whether window and gamma are for colour images too, all channels alike (the window's mean is that of luminance); else they are for
  /// grey ones only. Where an image becomes grey, they come after that.
  public var changesToneOfColour = false

  /// What a radiologist's window does: `(v − mean) · width + mean + level`.
  public var windowProbability = 0.0
  /// The largest shift to either side, in units of the full range.
  public var windowLevel = 0.0
  /// Factor of contrast, drawn log-uniformly; positive.
  public var windowWidth: ClosedRange<Double> = 1...1

  /// `v ↦ v^γ`.
  public var gammaProbability = 0.0
  /// Drawn log-uniformly; positive.
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

  /// Colour images only: concentrations of haematoxylin and eosin are scaled and shifted, each on its own; see `StainMatrix`.
  public var concentrationProbability = 0.0
  /// Factors are drawn from 1 ± this; below 1.
  public var concentrationScale = 0.0
  /// Shifts are drawn from ± this, in units of optical density (natural logarithm).
  public var concentrationShift = 0.0

  /// Colour images only: becomes grey.
  public var greyscaleProbability = 0.0

  public var blurProbability = ByView(firstGlobal: 0, secondGlobal: 0, local: 0)
  /// Standard deviation of the Gaussian in pixels of the crop.
  public var blurDeviation: ClosedRange<Double> = 0.1...2

  public var solarizeProbability = ByView(firstGlobal: 0, secondGlobal: 0, local: 0)
  /// Values at or above are inverted.
  public var solarizeThreshold = 0.5

  public var noiseProbability = 0.0
  public var noiseKind = CropParameters.Noise.Kind.additive
  /// Standard deviation of the noise in units of the full range; of `speckle`, as a share of the grey value.
  public var noiseDeviation: ClosedRange<Double> = 0...0

  /// What lossy compression leaves; see `JPEGArtefacts`.
  public var jpegProbability = 0.0
  /// Quality as the Independent JPEG Group counts it, 1…100.
  public var jpegQuality: ClosedRange<Int> = 100...100

  /// A black or (a quarter of them) white rim, as a collimator's or a scanned film's; at each edge of the crop with probability ½.
  public var rimProbability = ByView(firstGlobal: 0, secondGlobal: 0, local: 0)
  /// Share of the crop's side, at each edge; below ½.
  public var rimWidth: ClosedRange<Double> = 0...0

  /// A black or white box near an edge: hides letters that are there, as de-identification does.
  public var coverProbability = ByView(firstGlobal: 0, secondGlobal: 0, local: 0)
  /// Its height, as a share of the crop's side; it is one to two times as wide.
  public var coverSize: ClosedRange<Double> = 0...0

  /// One to three white or black letters near an edge.
  public var letterProbability = ByView(firstGlobal: 0, secondGlobal: 0, local: 0)
  /// Share of the crop's side, at most 0.2.
  public var letterHeight: ClosedRange<Double> = 0...0

  public init() {}
}
