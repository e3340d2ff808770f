import Foundation
import Tensors

/// What must be settled before anything else runs.
enum Startup {
  /// OpenBLAS chooses its kernels while it is being loaded, and older builds take a processor they don't know for a
  /// narrower one: on some AVX-512 machines that halves every product (measured: 95 against 200 GF/s a core). The choice
  /// can only be made through the environment, before loading, so the program starts itself once more with it set.
  /// A value the user set is left alone.
  static func chooseBLASKernels() {
    let variable = "OPENBLAS_CORETYPE"
    if ProcessInfo.processInfo.environment[variable] == nil, let better = BLAS.widerKernelFamily {
      setenv(variable, better, 1)
      var arguments: [UnsafeMutablePointer<CChar>?] = CommandLine.arguments.map { strdup($0) }
      arguments.append(nil)
      execv("/proc/self/exe", &arguments)
      // Only reached where the program can't start itself (no /proc): slower, not wrong.
      unsetenv(variable)
    }
    BLAS.useOneThread()
  }

  /// Worker threads: `-j`, else one a core the process may use.
  static func workers(_ asked: Int?) -> Int { max(1, asked ?? ProcessInfo.processInfo.activeProcessorCount) }
}
