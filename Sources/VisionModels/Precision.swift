import Kernels

/// How the operands of matrix products are kept: weights, and what goes from layer to layer.
///
/// Sums, softmax, the statistics of norms, the residual stream, master weights, gradients of weights and the optimiser are f32
/// either way.
public enum Precision: String, Codable, Sendable, CaseIterable {
  /// The reference.
  case f32
  /// Eight bits of mantissa, f32's range.
  case bf16

  /// The unit that multiplies bf16 here, such as `avx512-bf16`; nil where the processor has none, and bf16 would be slower than f32.
  public static var bf16Unit: String? {
    let name = String(cString: kernels_bf16())
    return name.isEmpty ? nil : name
  }

  /// The faster one on this machine: bf16 where a unit multiplies it. It depends on the processor's features alone.
  public static var fastest: Precision { bf16Unit == nil ? .f32 : .bf16 }

  /// The kernels' name for it.
  package var number: Int32 { Int32(self == .bf16 ? number_bf16 : number_f32) }

  /// Bytes of one number.
  package var bytes: Int { self == .bf16 ? 2 : 4 }
}
