import Kernels
public import Tensors

/// Makes standardised crops of one image at a time: load an image, then cut as many crops from it as are wanted.
///
///     augmenter.load(stack, 17)
///     var generator = seed.split(epoch).split(17).split(crop).generator()
///     augmenter.crop(.local, scale: 0.1...0.4, side: 32, &generator, into: target)
///
/// A crop depends on the generator, the image and the preset only. One thread uses one augmenter; all scratch is allocated when
/// it is made. Grey images (equal channels) are worked on in one plane and repeated at the end.
public final class Augmenter: @unchecked Sendable {
  public let preset: AugmentationPreset
  /// What is taken off each channel, and what it is divided by.
  public let mean: [Float]
  public let deviation: [Float]
  public let height: Int
  public let width: Int
  public let largestSide: Int
  /// Whether the channels of the loaded image differ anywhere.
  public private(set) var hasColour = false

  private let source: UnsafeMutablePointer<Float>
  /// The crop being worked on, three planes.
  private let planes: UnsafeMutablePointer<Float>
  private let scratch: UnsafeMutablePointer<Float>
  private let turned: UnsafeMutablePointer<Float>
  private var rows = ResamplingWeights()
  private var columns = ResamplingWeights()
  private var gaussian = ResamplingWeights()

  /// - Precondition: extents positive; three means and three positive deviations; `largestSide` is the largest side any crop will have.
  public init(
    preset: AugmentationPreset, mean: [Float], deviation: [Float], height: Int, width: Int, largestSide: Int
  ) {
    precondition(mean.count == 3 && deviation.count == 3, "\(mean.count) means and \(deviation.count) deviations")
    precondition(deviation.allSatisfy { $0 > 0 }, "deviations \(deviation)")
    precondition(height > 0 && width > 0 && largestSide > 0, "crops of \(largestSide) from \(height) × \(width)")
    precondition(abs(preset.rotationDegrees) <= 45, "rotation by up to \(preset.rotationDegrees) degrees")
    self.preset = preset
    self.mean = mean
    self.deviation = deviation
    self.height = height
    self.width = width
    self.largestSide = largestSide
    // A square that still covers the crop after 45 degrees has sides √2 times as long.
    let padded = largestSide + 2 * Augmenter.margin(largestSide, 45 * .pi / 180)
    let room = max(padded * max(width, padded), height * width)
    source = .allocate(capacity: 3 * height * width)
    planes = .allocate(capacity: 3 * padded * padded)
    scratch = .allocate(capacity: room)
    turned = .allocate(capacity: room)
    source.initialize(repeating: 0, count: 3 * height * width)
    planes.initialize(repeating: 0, count: 3 * padded * padded)
    scratch.initialize(repeating: 0, count: room)
    turned.initialize(repeating: 0, count: room)
  }

  deinit {
    source.deallocate()
    planes.deallocate()
    scratch.deallocate()
    turned.deallocate()
  }

  /// Takes up image `index` of a stack. - Precondition: the stack has the augmenter's extent.
  public func load(_ stack: PixelStack, _ index: Int) {
    precondition(
      stack.height == height && stack.width == width,
      "an image of \(stack.height) × \(stack.width) for an augmenter of \(height) × \(width)")
    stack.read(index, into: source)
    let plane = height * width
    hasColour =
      stack.channels == 3 && !(isEqual(source, source + plane, plane) && isEqual(source, source + 2 * plane, plane))
  }

  /// Draws a crop's parameters and makes it. See `AugmentationPreset.draw`.
  public func crop(
    _ view: AugmentationPreset.View, scale: ClosedRange<Double>, side: Int, _ generator: inout RandomGenerator,
    into target: UnsafeMutablePointer<Float>
  ) {
    let parameters = preset.draw(
      view: view, scale: scale, height: height, width: width, hasColour: hasColour, &generator)
    crop(parameters, side: side, into: target)
  }

  /// Makes the crop that `parameters` describe: three standardised planes [3, side, side].
  ///
  /// Order: resize (antialiased bicubic, with the mirror image in it), turn, transpose, jitter, stain, grey, window, gamma, marks, blur,
  /// solarise, noise, JPEG, standardise; values stay in 0…1 until the last.
  /// - Precondition: `side` is at most `largestSide`; the box lies in the image.
  public func crop(_ parameters: CropParameters, side: Int, into target: UnsafeMutablePointer<Float>) {
    precondition(side > 0 && side <= largestSide, "a crop of side \(side), \(largestSide) at most")
    var channels = hasColour ? 3 : 1
    resize(parameters, side: side, channels: channels)
    if channels == 3 {
      changeColour(parameters, side * side)
      if parameters.becomesGrey { channels = 1 }
    } else {
      jitterGrey(parameters, side * side)
    }
    changeTone(parameters, side * side, channels: channels)
    for channel in 0..<channels {
      let plane = planes + channel * side * side
      for mark in parameters.marks { mark.draw(on: plane, side: side) }
      if let deviation = parameters.blurDeviation {
        if channel == 0 { gaussian.setGaussian(deviation: deviation, count: side) }
        blur(plane, side)
      }
      if let threshold = parameters.solarizeThreshold { augment_solarize(plane, side * side, threshold) }
      if let noise = parameters.noise, noise.deviation > 0 {
        // Speckle is in the echo, before there are channels.
        let key = noise.kind == .speckle ? noise.key : noise.key &+ UInt64(channel) &* 0xd1b5_4a32_d192_ed03
        switch noise.kind {
        case .additive: augment_noise(plane, side * side, noise.deviation, key)
        case .rician: augment_rician_noise(plane, side * side, noise.deviation, key)
        case .speckle: augment_speckle(plane, side * side, noise.deviation, key)
        }
      }
    }
    if let quality = parameters.jpegQuality {
      JPEGArtefacts.apply(to: planes, side: side, channels: channels, quality: quality)
    }
    for channel in 0..<3 {
      augment_standardize(
        planes + (channels == 3 ? channel * side * side : 0), side * side, mean[channel],
        deviation[channel], target + channel * side * side)
    }
  }

  /// Pixels to add on each side so that a square of `side` turned by `angle` stays inside.
  private static func margin(_ side: Int, _ angle: Double) -> Int {
    // |sin a| + |cos a| − 1 ≤ |a|: a whole trigonometric function would buy a pixel or two.
    angle == 0 ? 0 : Int((Double(side) / 2 * min(abs(angle), 0.4143)).rounded(.up)) + 1
  }

  /// The box at `side` pixels into `planes`, packed, clamped.
  private func resize(_ parameters: CropParameters, side: Int, channels: Int) {
    let box = parameters.box
    precondition(
      box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0 && box.left + box.width <= width
        && box.top + box.height <= height, "\(box) in an image of \(height) × \(width)")
    let margin = Augmenter.margin(side, parameters.rotation)
    let padded = side + 2 * margin
    let scaleX = Double(box.width) / Double(side)
    let scaleY = Double(box.height) / Double(side)
    // Without a turn only the box counts, as if it had been cut out first; the margin of a turn shows what lies around it.
    columns.setBicubic(
      origin: Double(box.left) - Double(margin) * scaleX, scale: scaleX, count: padded,
      within: margin > 0 ? 0..<width : box.left..<box.left + box.width, reversed: parameters.flipsHorizontally)
    rows.setBicubic(
      origin: Double(box.top) - Double(margin) * scaleY, scale: scaleY, count: padded,
      within: margin > 0 ? 0..<height : box.top..<box.top + box.height, reversed: parameters.flipsVertically)
    let extent = columns.extent
    for channel in 0..<channels {
      let plane = planes + channel * side * side
      let start = source + channel * height * width + extent.lowerBound
      weigh(rows, start, width, extent.count, into: scratch)
      augment_transpose(scratch, padded, extent.count, turned)
      weigh(columns, turned - extent.lowerBound * padded, padded, padded, into: scratch)
      if margin > 0 {
        augment_transpose(scratch, padded, padded, turned)
        augment_rotate(
          turned, padded, Float(cosine(parameters.rotation)), Float(sine(parameters.rotation)), plane, side)
      } else {
        augment_transpose(scratch, side, side, plane)
      }
      if parameters.isTransposed {
        augment_transpose(plane, side, side, scratch)
        plane.update(from: scratch, count: side * side)
      }
      augment_affine(plane, side * side, 1, 0)
    }
  }

  private func weigh(
    _ weights: ResamplingWeights, _ from: UnsafePointer<Float>, _ stride: Int, _ width: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    augment_weighted_rows(
      from, stride, width, weights.first, weights.taps, weights.weights, weights.stride, weights.first.count, target)
  }

  private func blur(_ plane: UnsafeMutablePointer<Float>, _ side: Int) {
    weigh(gaussian, plane, side, side, into: scratch)
    augment_transpose(scratch, side, side, turned)
    weigh(gaussian, turned, side, side, into: scratch)
    augment_transpose(scratch, side, side, plane)
  }

  private func jitterGrey(_ parameters: CropParameters, _ count: Int) {
    for step in parameters.jitter {
      switch step {
      case .brightness(let factor): augment_affine(planes, count, factor, 0)
      case .contrast(let factor): stretch(planes, count, factor, about: average(planes, count), shift: 0)
      case .saturation, .hue: continue
      }
    }
  }

  private func changeTone(_ parameters: CropParameters, _ count: Int, channels: Int) {
    if let window = parameters.window {
      if channels == 3 { augment_grey(planes, planes + count, planes + 2 * count, count, scratch) }
      let mean = average(channels == 3 ? scratch : planes, count)
      stretch(planes, channels * count, window.width, about: mean, shift: window.level)
    }
    if let gamma = parameters.gamma { augment_power(planes, channels * count, gamma) }
  }

  private func changeColour(_ parameters: CropParameters, _ count: Int) {
    let (r, g, b) = (planes, planes + count, planes + 2 * count)
    for step in parameters.jitter {
      switch step {
      case .brightness(let factor): augment_affine(planes, 3 * count, factor, 0)
      case .contrast(let factor):
        augment_grey(r, g, b, count, scratch)
        stretch(planes, 3 * count, factor, about: average(scratch, count), shift: 0)
      case .saturation(let factor): augment_saturate(r, g, b, count, factor)
      case .hue(let turns): augment_turn_hue(r, g, b, count, turns)
      }
    }
    if let stain = parameters.stain {
      for channel in 0..<3 { augment_power(planes + channel * count, count, stain[channel]) }
    }
    if let change = parameters.concentrations {
      let (matrix, offset) = StainMatrix.map(change)
      augment_optical_density(r, g, b, count, matrix, offset)
    }
    if parameters.becomesGrey {
      augment_grey(r, g, b, count, scratch)
      r.update(from: scratch, count: count)
    }
  }

  private func average(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    Float(augment_sum(x, count) / Double(count))
  }

  private func stretch(
    _ x: UnsafeMutablePointer<Float>, _ count: Int, _ factor: Float, about middle: Float, shift: Float
  ) {
    augment_affine(x, count, factor, middle - factor * middle + shift)
  }
}

private func isEqual(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Bool {
  for i in 0..<count where a[i] != b[i] { return false }
  return true
}
