import Foundation
package import Kernels

/// Bytes of a fixed number at a fixed place on a cache line's border, zero at first, freed with the object: scratch that threads
/// share by agreement.
package final class OperandBuffer: @unchecked Sendable {
  package let pointer: UnsafeMutableRawPointer
  /// What it takes, room for alignment and for reads of whole words at an odd end included.
  package let bytes: Int
  private let allocation: UnsafeMutableRawPointer

  package init(bytes: Int) {
    self.bytes = (max(bytes, 1) + 191) / 64 * 64
    // Zeroed by the system: a page that nobody writes is never there.
    guard let allocation = calloc(1, self.bytes) else { fatalError("no memory for \(self.bytes) bytes") }
    self.allocation = allocation
    pointer = allocation.alignedUp(toMultipleOf: 64)
  }

  package convenience init(_ count: Int, _ precision: Precision) { self.init(bytes: count * precision.bytes) }

  deinit { free(allocation) }
}

/// Distance between rows of so many numbers: even, since products read bf16 in pairs. What fills a row up stays zero.
package func operandStride(_ count: Int) -> Int { (count + 1) / 2 * 2 }

extension UnsafeMutableRawPointer {
  /// The place of number `count` of an operand.
  package func advanced(by count: Int, _ precision: Precision) -> UnsafeMutableRawPointer {
    self + count * precision.bytes
  }
}

/// What becomes of a product's sums; see `product_edge`.
extension product_edge {
  /// The sums themselves, f32.
  package static func sums(into out: UnsafeMutablePointer<Float>, stride: Int) -> product_edge {
    var edge = product_edge()
    edge.kind = edge_sums
    edge.out = UnsafeMutableRawPointer(out)
    edge.stride = stride
    return edge
  }

  /// Added to what is there, f32.
  package static func add(into out: UnsafeMutablePointer<Float>, stride: Int) -> product_edge {
    var edge = sums(into: out, stride: stride)
    edge.kind = edge_add
    edge.base = UnsafePointer(out)
    edge.baseStride = stride
    return edge
  }

  /// With the layer's bias.
  package static func affine(into out: UnsafeMutableRawPointer, stride: Int, _ precision: Precision) -> product_edge {
    var edge = product_edge()
    edge.kind = edge_affine
    edge.out = out
    edge.stride = stride
    edge.type = precision.number
    return edge
  }

  /// With bias and GELU; `kept` receives what GELU was given.
  package static func gelu(
    into out: UnsafeMutableRawPointer, stride: Int, keeping kept: UnsafeMutableRawPointer?, _ precision: Precision
  ) -> product_edge {
    var edge = affine(into: out, stride: stride, precision)
    edge.kind = edge_gelu
    edge.kept = kept
    edge.keptStride = stride
    return edge
  }

  /// Times GELU's slope at what `gelu` kept.
  package static func geluSlope(
    into out: UnsafeMutableRawPointer, stride: Int, kept: UnsafeMutableRawPointer, _ precision: Precision
  ) -> product_edge {
    var edge = gelu(into: out, stride: stride, keeping: kept, precision)
    edge.kind = edge_gelu_slope
    return edge
  }

  /// With bias, the factors, and a base added: a residual branch's end.
  static func residual(
    into out: UnsafeMutablePointer<Float>, stride: Int, base: UnsafePointer<Float>, baseStride: Int
  ) -> product_edge {
    var edge = product_edge()
    edge.kind = edge_residual
    edge.out = UnsafeMutableRawPointer(out)
    edge.stride = stride
    edge.base = base
    edge.baseStride = baseStride
    return edge
  }
}
