import Kernels
import Pipeline
import Tensors

/// Which instructions compute. Families round differently, so the name is part of fingerprints and of provenance.
public enum Arithmetic {
  /// The key under which the caller gives `current` to stages.
  static let key = "arithmetic"

  /// The instruction set of our own kernels: `x86-64-v4`, …, `portable`.
  public static var kernels: String { String(cString: kernels_instruction_set()) }

  /// `f32 OpenBLAS-SkylakeX kernels-x86-64-v4`.
  public static var current: String { "f32 OpenBLAS-\(BLAS.kernelFamily) kernels-\(kernels)" }

  /// The facts every run gives to its stages.
  public static var environmentValues: [String: String] { [key: current] }

  /// For `externalDigests` of stages that compute.
  static func digest(_ environment: StageEnvironment) -> [String: String] { [key: environment.values[key] ?? ""] }
}
