import Augmentation
import Foundation
import Tensors
import TestSupport
import Testing

/// What each preset may and may not do, and that what it makes are pictures.
struct NamedPresetsTests {
  private func draws(_ preset: AugmentationPreset, hasColour: Bool, count: Int = 2000) -> [CropParameters] {
    AugmentationPreset.View.allCases.flatMap { view in
      (0..<count).map { i in
        var generator = Seed(4).split(i).generator()
        return preset.draw(view: view, scale: 0.4...1, height: 64, width: 64, hasColour: hasColour, &generator)
      }
    }
  }

  private func stack(channels: Int, side: Int = 40) -> PixelStack {
    var generator = Seed(8).generator()
    return PixelStack(
      count: 1, channels: channels, height: side, width: side,
      samples: .bits8(
        (0..<channels * side * side).map {
          // A picture with black, white, colour and noise.
          let wave = 130 + 150 * sin(Double($0) / 11) + 40 * generator.uniform()
          return UInt8(min(max(wave, 0), 255))
        }))
  }

  private func crop(_ preset: AugmentationPreset, _ stack: PixelStack, seed: Int, side: Int = 24) -> [Float] {
    let augmenter = Augmenter(
      preset: preset, mean: [0, 0, 0], deviation: [1, 1, 1], height: stack.height, width: stack.width,
      largestSide: 40)
    augmenter.load(stack, 0)
    var target = [Float](repeating: .nan, count: 3 * side * side)
    let view = AugmentationPreset.View.allCases[seed % 3]
    var generator = Seed(2).split(seed).generator()
    augmenter.crop(view, scale: preset.localScale, side: side, &generator, into: &target)
    return target
  }

  @Test(arguments: AugmentationPreset.names) func valuesAreGreyLevelsAndTheSameEveryTime(name: String) throws {
    let preset = try #require(AugmentationPreset.named(name))
    for channels in [1, 3] {
      let stack = stack(channels: channels)
      for seed in 0..<120 {
        let made = crop(preset, stack, seed: seed)
        #expect(made.allSatisfy { $0 >= 0 && $0 <= 1 }, "seed \(seed)")
        #expect(made == crop(preset, stack, seed: seed), "seed \(seed)")
      }
      #expect(crop(preset, stack, seed: 1) != crop(preset, stack, seed: 4))
    }
  }

  @Test func leftAndRightOfAFilmStay() {
    for hasColour in [false, true] {
      let all = draws(.radiograph, hasColour: hasColour)
      #expect(all.allSatisfy { !$0.flipsHorizontally && !$0.flipsVertically && !$0.isTransposed })
      #expect(all.allSatisfy { abs($0.rotation) <= 7.001 * .pi / 180 && $0.jitter.isEmpty && $0.stain == nil })
      #expect(all.allSatisfy { $0.concentrations == nil && $0.solarizeThreshold == nil })
      #expect(all.contains { $0.window != nil } && all.contains { $0.gamma != nil })
      #expect(all.contains { $0.jpegQuality != nil } && all.contains { $0.noise != nil })
      #expect(all.allSatisfy { $0.becomesGrey == hasColour })
    }
  }

  @Test(arguments: ["slice", "video", "medical", "natural", "radiograph", "none"])
  func onlyTissueIsTurnedUpsideDown(name: String) throws {
    let preset = try #require(AugmentationPreset.named(name))
    for hasColour in [false, true] {
      let all = draws(preset, hasColour: hasColour)
      #expect(all.allSatisfy { !$0.flipsVertically && !$0.isTransposed && abs($0.rotation) < 0.27 })
      let flipped = Double(all.count { $0.flipsHorizontally }) / Double(all.count)
      #expect(["radiograph", "none"].contains(name) ? flipped == 0 : abs(flipped - 0.5) < 0.03)
    }
  }

  @Test func allEightTurnsOfTissueAreEquallyLikely() {
    let all = draws(.pathology, hasColour: true)
    var counts = [Int](repeating: 0, count: 8)
    for drawn in all {
      counts[(drawn.flipsHorizontally ? 1 : 0) + (drawn.flipsVertically ? 2 : 0) + (drawn.isTransposed ? 4 : 0)] += 1
    }
    #expect(counts.allSatisfy { abs(Double($0) / Double(all.count) - 0.125) < 0.02 }, "\(counts)")
    #expect(all.allSatisfy { !$0.becomesGrey && $0.stain == nil && $0.marks.isEmpty })
    let strength = Float(AugmentationPreset.pathology.concentrationScale) + 1e-6
    let changes = all.compactMap(\.concentrations)
    #expect(abs(Double(changes.count) / Double(all.count) - 0.8) < 0.03)
    for change in changes {
      #expect(abs(change.haematoxylinScale - 1) <= strength && abs(change.eosinScale - 1) <= strength)
      #expect(abs(change.haematoxylinShift) <= 0.05 && abs(change.eosinShift) <= 0.05)
    }
  }

  @Test func filmsAndSlicesBecomeGrey() {
    let stack = stack(channels: 3)
    for preset in [AugmentationPreset.radiograph, .slice] {
      for seed in 0..<30 {
        let made = crop(preset, stack, seed: seed)
        let planes = [Array(made[..<576]), Array(made[576..<1152]), Array(made[1152...])]
        #expect(planes[0] == planes[1])
        #expect(planes[0] == planes[2])
      }
    }
  }

  /// A preset with every step at strength zero makes what `none` makes.
  @Test func strengthsOfZeroChangeNothing() {
    var idle = AugmentationPreset.none
    idle.changesToneOfColour = true
    idle.rotationProbability = 1
    idle.windowProbability = 1
    idle.gammaProbability = 1
    idle.jitterProbability = 1
    idle.jittersGrey = true
    idle.stainProbability = 1
    idle.concentrationProbability = 1
    idle.noiseProbability = 1
    idle.noiseKind = .rician
    let always = AugmentationPreset.ByView(firstGlobal: 1, secondGlobal: 1, local: 1)
    idle.rimProbability = always
    idle.coverProbability = always
    idle.letterProbability = always
    for channels in [1, 3] {
      for view in AugmentationPreset.View.allCases {
        var made: [[Float]] = []
        for preset in [AugmentationPreset.none, idle] {
          let augmenter = Augmenter(
            preset: preset, mean: [0, 0, 0], deviation: [1, 1, 1], height: 40, width: 40, largestSide: 40)
          augmenter.load(stack(channels: channels), 0)
          var generator = Seed(11).generator()
          made.append([Float](repeating: .nan, count: 3 * 24 * 24))
          augmenter.crop(view, scale: 0.2...0.9, side: 24, &generator, into: &made[made.count - 1])
        }
        #expect(normalizedError(made[1], made[0]) < 3e-6)
      }
    }
  }

  @Test func aTransposedCropIsTransposed() {
    let stack = stack(channels: 3, side: 12)
    let augmenter = Augmenter(
      preset: .none, mean: [0, 0, 0], deviation: [1, 1, 1], height: 12, width: 12, largestSide: 12)
    augmenter.load(stack, 0)
    var parameters = CropParameters(box: CropBox(left: 0, top: 0, width: 12, height: 12))
    parameters.flipsHorizontally = true
    var (plain, transposed) = ([Float](repeating: 0, count: 432), [Float](repeating: 0, count: 432))
    augmenter.crop(parameters, side: 12, into: &plain)
    parameters.isTransposed = true
    augmenter.crop(parameters, side: 12, into: &transposed)
    let expected = (0..<432).map { i -> Float in
      let (channel, row, column) = (i / 144, i % 144 / 12, i % 12)
      return plain[channel * 144 + column * 12 + row]
    }
    #expect(transposed == expected)
  }

  @Test func toneOfColourKeepsHues() {
    let stack = stack(channels: 3)
    let augmenter = Augmenter(
      preset: .none, mean: [0, 0, 0], deviation: [1, 1, 1], height: 40, width: 40, largestSide: 40)
    augmenter.load(stack, 0)
    var parameters = CropParameters(box: CropBox(left: 0, top: 0, width: 40, height: 40))
    var (plain, changed) = ([Float](repeating: 0, count: 4800), [Float](repeating: 0, count: 4800))
    augmenter.crop(parameters, side: 40, into: &plain)
    parameters.window = .init(width: 1.2, level: 0.05)
    parameters.gamma = 0.8
    augmenter.crop(parameters, side: 40, into: &changed)
    let p = plain.map { Double($0) }
    let luminance = (0..<1600).map { i -> Double in 0.299 * p[i] + 0.587 * p[1600 + i] + 0.114 * p[3200 + i] }
    let mean = luminance.reduce(0, +) / 1600
    let expected = p.map { value -> Float in
      let windowed = (value - mean) * 1.2 + mean + 0.05
      return Float(pow(min(max(windowed, 0), 1), Double(Float(0.8))))
    }
    #expect(normalizedError(changed, expected) < 3e-6)
  }

  /// An ultrasound whose channels differ by a rounding keeps no coloured grain.
  @Test func speckleHasNoColour() {
    let samples = (0..<768).map { i in UInt8(i < 256 ? 101 : 100) }
    let stack = PixelStack(count: 1, channels: 3, height: 16, width: 16, samples: .bits8(samples))
    let augmenter = Augmenter(
      preset: .none, mean: [0, 0, 0], deviation: [1, 1, 1], height: 16, width: 16, largestSide: 16)
    augmenter.load(stack, 0)
    var parameters = CropParameters(box: CropBox(left: 0, top: 0, width: 16, height: 16))
    parameters.noise = .init(.speckle, deviation: 0.2, key: 5)
    var made = [Float](repeating: 0, count: 768)
    augmenter.crop(parameters, side: 16, into: &made)
    for i in 0..<256 {
      #expect(abs(made[i] - 1.01 * made[256 + i]) < 1e-6)
      #expect(made[256 + i] == made[512 + i])
    }
    #expect(made[300] != made[301])
  }

  /// Against the moments of the distributions: Rayleigh in the dark, near normal in the light; in proportion for speckle.
  @Test func noiseOfMagnitudeAndSpeckle() {
    func moments(_ kind: CropParameters.Noise.Kind, grey: UInt16, deviation: Float) -> (mean: Double, deviation: Double)
    {
      let stack = PixelStack(
        count: 1, channels: 1, height: 256, width: 256, samples: .bits16([UInt16](repeating: grey, count: 65536)))
      let augmenter = Augmenter(
        preset: .none, mean: [0, 0, 0], deviation: [1, 1, 1], height: 256, width: 256, largestSide: 256)
      augmenter.load(stack, 0)
      var parameters = CropParameters(box: CropBox(left: 0, top: 0, width: 256, height: 256))
      parameters.noise = .init(kind, deviation: deviation, key: 77)
      var target = [Float](repeating: 0, count: 3 * 65536)
      augmenter.crop(parameters, side: 256, into: &target)
      let values = target.prefix(65536).map { Double($0) }
      let mean: Double = values.reduce(0, +) / 65536
      let squares = values.map { ($0 - mean) * ($0 - mean) }
      return (mean, (squares.reduce(0, +) / 65536).squareRoot())
    }
    let dark = moments(.rician, grey: 0, deviation: 0.04)
    let rayleigh = (mean: 0.04 * (Double.pi / 2).squareRoot(), deviation: 0.04 * (2 - Double.pi / 2).squareRoot())
    // The tails of four uniform numbers are shorter than the normal's; the square's mean is the same.
    #expect(abs(dark.mean - rayleigh.mean) < 1.5e-3)
    #expect(abs(dark.deviation - rayleigh.deviation) < 1.5e-3)
    #expect(abs(dark.mean * dark.mean + dark.deviation * dark.deviation - 2 * 0.04 * 0.04) < 2e-5)
    let light = moments(.rician, grey: 32768, deviation: 0.04)
    // To second order √((v + n)² + n'²) is v + n + n'²/(2v).
    #expect(abs(light.mean - 0.5016) < 6e-4)
    #expect(abs(light.deviation - 0.04) < 4e-4)
    for grey in [0, 13107, 39321] as [UInt16] {
      let found = moments(.speckle, grey: grey, deviation: 0.1)
      let value = Double(grey) / 65535
      #expect(abs(found.mean - value) < 6e-4)
      #expect(abs(found.deviation - 0.1 * value) < 8e-4)
    }
  }
}
