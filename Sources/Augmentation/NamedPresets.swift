extension AugmentationPreset {
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

  /// Films: chest, bones, breast. Window and gamma in place of colour; rims, letters and black boxes come and go, so that no feature
  /// hangs on them.
  ///
  /// No mirror image: left and right are findings (a heart on the right, a film the wrong way round, the side of a hand), and a network
  /// that was taught to see both alike could not show them. No turn beyond what positioning leaves to chance. Large crops, lightly
  /// blurred, so that a nodule of a few pixels is in both views more often than not and survives.
  public static let radiograph: AugmentationPreset = {
    var preset = AugmentationPreset()
    preset.globalScale = 0.5...1
    preset.localScale = 0.15...0.45
    preset.horizontalFlipProbability = 0
    preset.rotationProbability = 0.5
    preset.rotationDegrees = 7
    preset.changesToneOfColour = true
    preset.windowProbability = 0.8
    preset.windowLevel = 0.08
    preset.windowWidth = 0.7...1.4
    preset.gammaProbability = 0.5
    preset.gamma = 0.7...1.4
    preset.greyscaleProbability = 1
    preset.blurProbability = ByView(firstGlobal: 0.4, secondGlobal: 0.1, local: 0.2)
    preset.blurDeviation = 0.1...0.8
    preset.noiseProbability = 0.3
    preset.noiseDeviation = 0...0.015
    preset.jpegProbability = 0.2
    preset.jpegQuality = 40...95
    preset.rimProbability = ByView(firstGlobal: 0.2, secondGlobal: 0.2, local: 0)
    preset.rimWidth = 0.02...0.12
    preset.coverProbability = ByView(firstGlobal: 0.2, secondGlobal: 0.2, local: 0.05)
    preset.coverSize = 0.05...0.15
    preset.letterProbability = ByView(firstGlobal: 0.25, secondGlobal: 0.25, local: 0.05)
    preset.letterHeight = 0.05...0.12
    return preset
  }()

  /// Tissue stained with haematoxylin and eosin: how much of each stain the lab used varies, all eight turns and mirror images of a
  /// square are alike (a slide has no top), and it never becomes grey, as the two stains are what the picture says.
  ///
  /// Crops of a kind differ in scale by less than twice: the size of nuclei is a finding.
  public static let pathology: AugmentationPreset = {
    var preset = AugmentationPreset()
    preset.globalScale = 0.4...1
    preset.localScale = 0.1...0.35
    preset.verticalFlipProbability = 0.5
    preset.transposeProbability = 0.5
    preset.rotationProbability = 0.3
    preset.rotationDegrees = 10
    preset.concentrationProbability = 0.8
    preset.concentrationScale = 0.3
    preset.concentrationShift = 0.03
    preset.jitterProbability = 0.3
    preset.brightness = 0.1
    preset.contrast = 0.1
    preset.blurProbability = ByView(firstGlobal: 0.4, secondGlobal: 0.1, local: 0.2)
    preset.blurDeviation = 0.1...1
    preset.noiseProbability = 0.2
    preset.noiseDeviation = 0...0.02
    preset.jpegProbability = 0.2
    preset.jpegQuality = 40...95
    return preset
  }()

  /// Slices of CT, MR, PET and OCT: window and gamma (which stand in for weighting and coils too), either side, noise as of a magnitude image.
  public static let slice: AugmentationPreset = {
    var preset = AugmentationPreset()
    preset.globalScale = 0.5...1
    preset.localScale = 0.15...0.45
    preset.rotationProbability = 0.5
    preset.rotationDegrees = 15
    preset.changesToneOfColour = true
    preset.windowProbability = 0.8
    preset.windowLevel = 0.06
    preset.windowWidth = 0.65...1.5
    preset.gammaProbability = 0.5
    preset.gamma = 0.65...1.5
    preset.greyscaleProbability = 1
    preset.blurProbability = ByView(firstGlobal: 0.4, secondGlobal: 0.1, local: 0.2)
    preset.blurDeviation = 0.1...1
    preset.noiseProbability = 0.4
    preset.noiseKind = .rician
    preset.noiseDeviation = 0...0.03
    return preset
  }()

  /// Frames of ultrasound and endoscopy: gain, contrast and gamma, a little colour where there is some, speckle, and what compression leaves.
  public static let video: AugmentationPreset = {
    var preset = AugmentationPreset()
    preset.globalScale = 0.4...1
    preset.localScale = 0.1...0.4
    preset.rotationProbability = 0.5
    preset.rotationDegrees = 10
    preset.jitterProbability = 0.8
    preset.jittersGrey = true
    preset.brightness = 0.3
    preset.contrast = 0.3
    preset.saturation = 0.2
    preset.hue = 0.02
    preset.changesToneOfColour = true
    preset.gammaProbability = 0.5
    preset.gamma = 0.7...1.5
    preset.greyscaleProbability = 0.1
    preset.blurProbability = ByView(firstGlobal: 0.5, secondGlobal: 0.1, local: 0.3)
    preset.blurDeviation = 0.1...1.2
    preset.noiseProbability = 0.4
    preset.noiseKind = .speckle
    preset.noiseDeviation = 0...0.1
    preset.jpegProbability = 0.4
    preset.jpegQuality = 40...90
    return preset
  }()

  /// Crops and nothing else.
  public static let none: AugmentationPreset = {
    var preset = AugmentationPreset()
    preset.horizontalFlipProbability = 0
    return preset
  }()

  /// Every preset by the name a recipe gives it.
  private static let all: [(name: String, preset: AugmentationPreset)] = [
    ("medical", medical), ("radiograph", radiograph), ("pathology", pathology), ("slice", slice), ("video", video),
    ("natural", natural), ("none", AugmentationPreset.none),
  ]

  /// The preset a recipe names: one of `names`.
  public static func named(_ name: String) -> AugmentationPreset? { all.first { $0.name == name }?.preset }

  /// Every name `named` knows.
  public static let names = all.map(\.name)
}
