import Kernels
import Pipeline
import Tensors
import VisionModels

/// Which instructions compute. Families round differently, so the name is part of fingerprints and of provenance.
public enum Arithmetic {
  /// The key under which the caller gives `current` to stages, and stages name theirs.
  static let key = "arithmetic"

  /// The instruction set of our own kernels: `x86-64-v4`, …, `portable`.
  public static var kernels: String { String(cString: kernels_instruction_set()) }

  /// Of what computes with OpenBLAS: `f32 OpenBLAS-SkylakeX kernels-x86-64-v4`.
  public static var current: String { "f32 OpenBLAS-\(BLAS.kernelFamily) kernels-\(kernels)" }

  /// Of networks, whose products are our own: `bf16 avx512-bf16 kernels-x86-64-v4`.
  static func network(_ precision: Precision) -> String {
    switch precision {
    case .f32: "f32 kernels-\(kernels)"
    case .bf16: "bf16 \(Precision.bf16Unit ?? "widened") kernels-\(kernels)"
    }
  }

  /// What `precision: auto` means here.
  public static var fastestNetwork: String {
    "precision auto is \(Precision.fastest.rawValue)"
      + (Precision.bf16Unit.map { " by \($0)" } ?? ", this processor has no unit for bf16")
  }

  /// The facts every run gives to its stages.
  public static var environmentValues: [String: String] { [key: current] }

  /// For `externalDigests` of stages that compute with OpenBLAS.
  static func digest(_ environment: StageEnvironment) -> [String: String] { [key: environment.values[key] ?? ""] }
}

/// The parameter `precision` of stages that run a network.
struct PrecisionChoice {
  static let field = ParameterField(
    "precision", .choice(["auto"] + Precision.allCases.map(\.rawValue)), default: "auto",
    "How operands of products are kept: f32, bf16 (sums stay f32), or auto, the faster one on this processor")

  /// What `auto` means here is settled already.
  let precision: Precision

  /// - Throws: `ParameterError` for bf16 on a processor that has no unit for it.
  init(_ word: String) throws {
    precision = Precision(rawValue: word) ?? .fastest
    if precision == .bf16 && Precision.bf16Unit == nil {
      throw ParameterError(
        key: "precision",
        message:
          "this processor has no unit for bf16 (AVX512-BF16 or AMX-BF16): say f32, or auto to take the faster one anywhere"
      )
    }
  }

  /// - Throws: `PrecisionFault` for a model whose extents don't fit the precision.
  func check(_ configuration: VisionTransformer.Configuration) throws {
    if let fault = configuration.fault(in: precision) { throw PrecisionFault(fault: fault) }
  }

  /// For plans and notes.
  var words: String { "precision \(precision.rawValue)" + (precision == .bf16 ? " (\(Precision.bf16Unit ?? ""))" : "") }

  var digest: [String: String] { [Arithmetic.key: Arithmetic.network(precision)] }
}

/// A model whose extents don't fit the precision.
struct PrecisionFault: Error, CustomStringConvertible {
  let fault: String

  var description: String { "\(fault); say precision: f32" }
}
