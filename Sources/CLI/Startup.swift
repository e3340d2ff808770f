import Foundation
import Tensors

/// What must be settled before anything else runs.
enum Startup {
  /// Products run on one thread each; our own threads stand above them.
  static func prepare() { BLAS.useOneThread() }

  /// Worker threads: `-j`, else one a core the process may use.
  static func workers(_ asked: Int?) -> Int { max(1, asked ?? ProcessInfo.processInfo.activeProcessorCount) }
}
