import Augmentation
import Foundation
import Tensors
import TestSupport
import Testing

/// Every step on its own against a twin written from its definition in 64 bits.
struct AugmenterTests {
  private static let tolerance = 2e-6

  private func makeAugmenter(
    _ stack: PixelStack, preset: AugmentationPreset = .none, mean: [Float] = [0, 0, 0], deviation: [Float] = [1, 1, 1],
    largestSide: Int = 64
  ) -> Augmenter {
    let augmenter = Augmenter(
      preset: preset, mean: mean, deviation: deviation, height: stack.height, width: stack.width,
      largestSide: largestSide)
    augmenter.load(stack, 0)
    return augmenter
  }

  private func randomStack(_ channels: Int, height: Int, width: Int) -> PixelStack {
    var generator = Seed(8).generator()
    return PixelStack(
      count: 1, channels: channels, height: height, width: width,
      samples: .bits16((0..<channels * height * width).map { _ in UInt16(truncatingIfNeeded: generator.next()) }))
  }

  private func planes(_ stack: PixelStack) -> [Float] {
    var pixels = [Float](repeating: 0, count: 3 * stack.height * stack.width)
    stack.read(0, into: &pixels)
    return pixels
  }

  private func crop(_ augmenter: Augmenter, side: Int, _ change: (inout CropParameters) -> Void = { _ in }) -> [Float] {
    var parameters = CropParameters(
      box: CropBox(left: 0, top: 0, width: augmenter.width, height: augmenter.height))
    change(&parameters)
    var target = [Float](repeating: .nan, count: 3 * side * side)
    augmenter.crop(parameters, side: side, into: &target)
    return target
  }

  @Test func theWholeImageComesBackStandardised() {
    for channels in [1, 3] {
      let stack = randomStack(channels, height: 20, width: 20)
      let augmenter = makeAugmenter(stack, mean: [0.1, 0.2, 0.3], deviation: [1, 2, 4])
      #expect(augmenter.hasColour == (channels == 3))
      let (means, deviations): ([Float], [Float]) = ([0.1, 0.2, 0.3], [1, 2, 4])
      let expected = planes(stack).enumerated().map { i, x -> Float in (x - means[i / 400]) / deviations[i / 400] }
      #expect(normalizedError(crop(augmenter, side: 20), expected) < 1e-6)
    }
    let stack = randomStack(3, height: 20, width: 20)
    #expect(crop(makeAugmenter(stack), side: 20) == planes(stack))
  }

  @Test func mirrorImagesAreExact() {
    let stack = randomStack(3, height: 9, width: 9)
    let (augmenter, pixels) = (makeAugmenter(stack), planes(stack))
    func mirrored(_ x: Bool, _ y: Bool) -> [Float] {
      (0..<3 * 81).map { i -> Float in
        let (channel, row, column) = (i / 81, i % 81 / 9, i % 9)
        return pixels[channel * 81 + (y ? 8 - row : row) * 9 + (x ? 8 - column : column)]
      }
    }
    #expect(crop(augmenter, side: 9) { $0.flipsHorizontally = true } == mirrored(true, false))
    #expect(crop(augmenter, side: 9) { $0.flipsVertically = true } == mirrored(false, true))
  }

  @Test func resizingEqualsTorch() throws {
    let fixture = try Fixture("Augmentation/resampling")
    let image = fixture.floats("image")
    let stack = PixelStack(
      count: 1, channels: 1, height: 13, width: 17, samples: .bits16(image.map { UInt16(($0 * 65535).rounded()) }))
    let augmenter = makeAugmenter(stack)
    for side in [5, 9, 16, 24] {
      // The stack rounds to 1/65535, and crops are clamped to 0…1.
      let expected = fixture.floats("side\(side)").map { min(max($0, 0), 1) }
      #expect(normalizedError(Array(crop(augmenter, side: side)[..<(side * side)]), expected) < 2e-5, "side \(side)")
    }
  }

  @Test func aBoxIsCutOutFirst() {
    let stack = randomStack(3, height: 12, width: 15)
    let pixels = planes(stack)
    let result = crop(makeAugmenter(stack), side: 5) { $0.box = CropBox(left: 6, top: 4, width: 5, height: 5) }
    let expected = (0..<75).map { i -> Float in
      let (channel, row, column) = (i / 25, i % 25 / 5, i % 5)
      return pixels[channel * 180 + (4 + row) * 15 + 6 + column]
    }
    #expect(result == expected)
  }

  /// Cubic and linear interpolation reproduce a ramp, so a turned ramp is known everywhere inside.
  @Test func aTurnedRampIsARamp() {
    let side = 40
    let stack = PixelStack(
      count: 1, channels: 1, height: side, width: side,
      samples: .bits16((0..<side * side).map { UInt16(20000 + 400 * ($0 % side) + 150 * ($0 / side)) }))
    withEvery("degrees", in: [-10.0, -3, 5, 10]) { degrees in
      let angle = degrees * .pi / 180
      let result = crop(makeAugmenter(stack), side: 20) {
        $0.box = CropBox(left: 10, top: 10, width: 20, height: 20)
        $0.rotation = angle
      }
      let expected = (0..<400).map { i -> Float in
        let (dx, dy) = (Double(i % 20) - 9.5, Double(i / 20) - 9.5)
        let x = 19.5 + cos(angle) * dx - sin(angle) * dy
        let y = 19.5 + sin(angle) * dx + cos(angle) * dy
        return Float((20000 + 400 * x + 150 * y) / 65535)
      }
      #expect(normalizedError(Array(result[..<400]), expected) < 1e-5, "\(degrees) degrees")
    }
  }

  @Test func windowAndGamma() {
    let stack = randomStack(1, height: 16, width: 16)
    let (augmenter, pixels) = (makeAugmenter(stack), planes(stack)[..<256].map { Double($0) })
    let mean = pixels.reduce(0, +) / 256
    let window = crop(augmenter, side: 16) { $0.window = .init(width: 1.3, level: -0.1) }
    #expect(
      normalizedError(
        Array(window[..<256]), pixels.map { Float(min(max(($0 - mean) * 1.3 + mean - 0.1, 0), 1)) })
        < AugmenterTests.tolerance)
    withEvery("gamma", in: [Float(0.4), 0.7, 1, 1.5, 3]) { gamma in
      let result = crop(augmenter, side: 16) { $0.gamma = gamma }
      #expect(
        normalizedError(Array(result[..<256]), pixels.map { Float(pow($0, Double(gamma))) }) < AugmenterTests.tolerance)
    }
    #expect(window[..<256] == window[256..<512] && window[..<256] == window[512...], "grey stays grey")
  }

  @Test func colourJitterIsTorchvisions() {
    let stack = randomStack(3, height: 16, width: 16)
    let augmenter = makeAugmenter(stack)
    let p = planes(stack).map { Double($0) }
    let grey = (0..<256).map { i -> Double in 0.299 * p[i] + 0.587 * p[256 + i] + 0.114 * p[512 + i] }
    let mean = grey.reduce(0, +) / 256
    func expect(_ jitter: CropParameters.Jitter, _ change: (Int) -> Double) {
      let result = crop(augmenter, side: 16) { $0.jitter = [jitter] }
      let expected = p.indices.map { Float(min(max(change($0), 0), 1)) }
      #expect(normalizedError(result, expected) < AugmenterTests.tolerance, "\(jitter)")
    }
    expect(.brightness(1.3)) { 1.3 * p[$0] }
    expect(.contrast(0.6)) { 0.6 * p[$0] + 0.4 * mean }
    expect(.saturation(1.4)) { 1.4 * p[$0] - 0.4 * grey[$0 % 256] }
    for turns in [-0.4, -0.1, 0, 0.05, 0.5] {
      let turned = (0..<256).map { turnHue(p[$0], p[256 + $0], p[512 + $0], turns) }
      expect(.hue(Float(turns))) { turned[$0 % 256][$0 / 256] }
    }
  }

  /// RGB to HSV and back, by the textbook's six cases.
  private func turnHue(_ r: Double, _ g: Double, _ b: Double, _ turns: Double) -> [Double] {
    let (high, low) = (max(r, g, b), min(r, g, b))
    let chroma = high - low
    if chroma == 0 { return [r, g, b] }
    var hue = high == r ? (g - b) / chroma : high == g ? (b - r) / chroma + 2 : (r - g) / chroma + 4
    hue = (hue / 6 + turns).truncatingRemainder(dividingBy: 1)
    if hue < 0 { hue += 1 }
    let sector = Int(hue * 6) % 6
    let f = hue * 6 - Double(sector)
    let (falling, rising) = (high - chroma * f, high - chroma * (1 - f))
    return [
      [high, rising, low], [falling, high, low], [low, high, rising], [low, falling, high], [rising, low, high],
      [high, low, falling],
    ][sector]
  }

  @Test func stainScalesOpticalDensity() {
    let stack = randomStack(3, height: 16, width: 16)
    let result = crop(makeAugmenter(stack), side: 16) { $0.stain = [0.8, 1, 1.2] }
    let factors = [Double(Float(0.8)), 1, Double(Float(1.2))]
    let expected = planes(stack).enumerated().map { i, x -> Float in
      Float(pow(Double(x), factors[i / 256]))
    }
    #expect(normalizedError(result, expected) < AugmenterTests.tolerance)
  }

  @Test func greySolarisationAndBlur() {
    let stack = randomStack(3, height: 16, width: 16)
    let (augmenter, p) = (makeAugmenter(stack), planes(stack))
    let grey = crop(augmenter, side: 16) { $0.becomesGrey = true }
    let expected = (0..<768).map { i -> Float in
      let pixel = i % 256
      return 0.299 * p[pixel] + 0.587 * p[256 + pixel] + 0.114 * p[512 + pixel]
    }
    #expect(normalizedError(grey, expected) < AugmenterTests.tolerance)
    #expect(crop(augmenter, side: 16) { $0.solarizeThreshold = 0.5 } == p.map { $0 >= 0.5 ? 1 - $0 : $0 })
    let bell = crop(augmenter, side: 16) { $0.blurDeviation = 1.5 }
    // A point in the middle, the plain double sum over the square of ±5 pixels.
    for channel in 0..<3 {
      var (sum, weight) = (0.0, 0.0)
      for y in 3...13 {
        for x in 2...12 {
          let w = exp(-Double((y - 8) * (y - 8) + (x - 7) * (x - 7)) / 4.5)
          weight += w
          sum += w * Double(p[channel * 256 + y * 16 + x])
        }
      }
      #expect(abs(Double(bell[channel * 256 + 8 * 16 + 7]) - sum / weight) < 1e-5)
    }
  }

  @Test func noiseHasItsMoments() {
    let stack = PixelStack(
      count: 1, channels: 1, height: 64, width: 64, samples: .bits16([UInt16](repeating: 32768, count: 4096)))
    let augmenter = makeAugmenter(stack)
    var all: [Double] = []
    for key in 0..<20 {
      let noisy = crop(augmenter, side: 64) { $0.noise = .init(deviation: 0.03, key: UInt64(key) << 32) }
      all += noisy[..<4096].map { Double($0) - 32768 / 65535 }
    }
    let mean = all.reduce(0, +) / Double(all.count)
    let variance = all.reduce(0) { $0 + $1 * $1 } / Double(all.count) - mean * mean
    let fourth = all.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(all.count) / (variance * variance)
    #expect(abs(mean) < 4e-4)
    #expect(abs(variance.squareRoot() - 0.03) < 2e-4)
    // Four uniforms together have a kurtosis of 3 − 6/20.
    #expect(abs(fourth - 2.7) < 0.08)
  }

  @Test func aCropHangsOnItsGeneratorAlone() {
    let stack = randomStack(3, height: 40, width: 30)
    func make(_ augmenter: Augmenter, _ seed: UInt64) -> [Float] {
      var target = [Float](repeating: 0, count: 3 * 24 * 24)
      var generator = Seed(seed).generator()
      augmenter.crop(.local, scale: 0.1...0.9, side: 24, &generator, into: &target)
      return target
    }
    for preset in [AugmentationPreset.medical, .natural] {
      let (used, fresh) = (makeAugmenter(stack, preset: preset), makeAugmenter(stack, preset: preset))
      for seed in 0..<50 { _ = make(used, UInt64(seed)) }
      for seed in 0..<50 {
        let result = make(used, UInt64(seed))
        #expect(result == make(fresh, UInt64(seed)))
        #expect(result.allSatisfy { $0 >= 0 && $0 <= 1 })
      }
      #expect(make(used, 1) != make(used, 2))
    }
  }
}
