import Kernels
import Synchronization
import Tensors
import VisionModels

/// How the product extracts features.
final class FeatureEngine {
  private let extractor: FeatureExtractor

  /// - Throws: `Unavailable` where this machine has no such precision.
  init(
    model: VisionTransformer, parameters: ParameterBuffer, precision: Precision, side: Int, workers: WorkerPool
  ) throws {
    try Unavailable.check(precision)
    extractor = FeatureExtractor(
      model: model, parameters: parameters, precision: precision, side: side, layer: nil, pool: .cls, workers: workers)
  }

  /// [count, channels, side, side], standardised, to [count, width].
  func features(_ images: UnsafePointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>) {
    extractor.features(images, count: count, into: target)
  }
}

/// A precision that this machine has no unit for. The parent reports it and goes on.
struct Unavailable: Error, CustomStringConvertible {
  let description: String

  static func check(_ precision: Precision) throws {
    if precision == .bf16 && Precision.bf16Unit == nil { throw Unavailable(description: "no unit for bf16") }
  }
}

/// `bench peak`: what the matrix units can do, all threads together, in GFLOP/s: products in registers alone.
enum MatrixPeak {
  static func measure(_ precision: Precision, threads: Int) throws -> Double {
    try Unavailable.check(precision)
    let workers = WorkerPool(threads: threads)
    let barrier = Barrier(threads)
    let rounds = 2_000_000
    let operations = product_peak(1, precision.number) * Double(rounds)
    let fastest = Mutex([Double](repeating: 0, count: threads))
    for _ in 0..<9 {
      workers.run(jobs: threads) { job, _ in
        // All at once, each on a thread of its own.
        barrier.wait()
        let time = ContinuousClock().measure { _ = product_peak(rounds, precision.number) }
        barrier.wait()
        fastest.withLock { $0[job] = max($0[job], operations / (time / .seconds(1)) / 1e9) }
      }
    }
    return fastest.withLock { $0.reduce(0, +) }
  }
}
