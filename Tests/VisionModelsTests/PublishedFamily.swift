import TestSupport
import VisionModels

/// A published family of models, small, and what its own library computes with it: `Fixtures/VisionModels/families.py`.
struct PublishedFamily: Sendable, CustomStringConvertible {
  let name: String
  let configuration: VisionTransformer.Configuration
  var description: String { name }

  private init(
    _ name: String, width: Int = 16, heads: Int = 2, hidden: Int = 64,
    feedForward: VisionTransformer.Configuration.FeedForwardKind = .mlp,
    positions: VisionTransformer.Configuration.Positions = .table,
    _ interpolation: VisionTransformer.Configuration.PositionInterpolation = .bicubic, registers: Int = 0,
    hasLayerScale: Bool = true, epsilon: Float = 1e-6
  ) {
    self.name = name
    configuration = VisionTransformer.Configuration(
      imageSize: 16, patchSize: 4, width: width, depth: 2, heads: heads, hiddenWidth: hidden, feedForward: feedForward,
      positions: positions, interpolation: interpolation, registers: registers, hasLayerScale: hasLayerScale,
      layerNormEpsilon: epsilon)
  }

  static let all = [
    PublishedFamily("timm", .bicubicAntialias, hasLayerScale: false),
    PublishedFamily("timm_layer_scale", width: 24, heads: 3, hidden: 72, .bicubicAntialias),
    PublishedFamily("timm_registers", .bicubicAntialias, registers: 4),
    PublishedFamily("timm_swiglu", hidden: 40, feedForward: .swiglu, .bicubicAntialias),
    PublishedFamily("dino", .bicubicOffset, hasLayerScale: false),
    PublishedFamily("vit", .bicubic, hasLayerScale: false, epsilon: 1e-12),
    PublishedFamily("dinov2", .bicubic),
    PublishedFamily("dinov2_registers", .bicubicAntialias, registers: 4),
    PublishedFamily("dinov3", positions: .rotary, registers: 4, epsilon: 1e-5),
    PublishedFamily(
      "dinov3_gated", width: 24, heads: 3, hidden: 40, feedForward: .swiglu, positions: .rotary, registers: 4,
      epsilon: 1e-5),
  ]

  /// The table's own size, a smaller one, a larger one.
  static let cases = ["native", "smaller", "larger"]

  func fixture() throws -> Fixture { try Fixture("VisionModels/family_\(name)") }

  /// The names of the fixture's tensors, and their numbers.
  static func tensors(_ fixture: Fixture, under prefix: String) -> [(name: String, values: [Float])] {
    fixture.names.filter { $0.hasPrefix(prefix) }.map { (String($0.dropFirst(prefix.count)), fixture.floats($0)) }
  }
}

/// |a - b| / |b| over a whole tensor: the error of a gradient.
func relativeDistance(_ a: [Float], _ b: [Float]) -> Double {
  precondition(a.count == b.count, "\(a.count) numbers against \(b.count)")
  var (difference, size) = (0.0, 0.0)
  for (x, y) in zip(a, b) {
    difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
    size += Double(y) * Double(y)
  }
  return (difference / max(size, 1e-60)).squareRoot()
}

/// The cosine of the angle between two vectors.
func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
  precondition(a.count == b.count, "\(a.count) numbers against \(b.count)")
  var (product, sizeA, sizeB) = (0.0, 0.0, 0.0)
  for (x, y) in zip(a, b) {
    product += Double(x) * Double(y)
    sizeA += Double(x) * Double(x)
    sizeB += Double(y) * Double(y)
  }
  return product / (sizeA * sizeB).squareRoot()
}
