public import Tensors

/// A rectangle of whole pixels inside an image.
public struct CropBox: Hashable, Sendable {
  public var left: Int
  public var top: Int
  public var width: Int
  public var height: Int

  public init(left: Int, top: Int, width: Int, height: Int) {
    self.left = left
    self.top = top
    self.width = width
    self.height = height
  }

  /// Draws the region of a random resized crop (Szegedy et al. 2015, in the form all self-supervised recipes use): a share of the
  /// area from `scale`, a shape log-uniform in `aspect`, a place uniform among those that fit. After ten misfits: the largest
  /// centred region whose shape lies within `aspect`.
  /// - Precondition: the image has pixels; `scale` and `aspect` are positive.
  public static func random(
    height: Int, width: Int, scale: ClosedRange<Double>, aspect: ClosedRange<Double>,
    _ generator: inout RandomGenerator
  ) -> CropBox {
    precondition(height > 0 && width > 0, "a crop of an image of \(height) × \(width)")
    precondition(scale.lowerBound > 0 && aspect.lowerBound > 0, "scale \(scale), aspect \(aspect)")
    let area = Double(height * width)
    for _ in 0..<10 {
      let target = area * generator.uniform(scale)
      let shape = generator.logUniform(aspect)
      let w = Int((target * shape).squareRoot().rounded(.toNearestOrEven))
      let h = Int((target / shape).squareRoot().rounded(.toNearestOrEven))
      if w < 1 || h < 1 || w > width || h > height { continue }
      let top = generator.integer(below: height - h + 1)
      let left = generator.integer(below: width - w + 1)
      return CropBox(left: left, top: top, width: w, height: h)
    }
    return centred(height: height, width: width, aspect: aspect)
  }

  static func centred(height: Int, width: Int, aspect: ClosedRange<Double>) -> CropBox {
    let shape = Double(width) / Double(height)
    var w = width
    var h = height
    if shape < aspect.lowerBound {
      h = max(1, min(height, Int((Double(width) / aspect.lowerBound).rounded(.toNearestOrEven))))
    } else if shape > aspect.upperBound {
      w = max(1, min(width, Int((Double(height) * aspect.upperBound).rounded(.toNearestOrEven))))
    }
    return CropBox(left: (width - w) / 2, top: (height - h) / 2, width: w, height: h)
  }
}
