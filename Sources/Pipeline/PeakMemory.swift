import Foundation

/// The largest memory this process ever had. The corresponding C function is `getrusage`.
enum PeakMemory {
  /// Bytes.
  static var ofProcess: Int {
    var usage = rusage()
    #if canImport(Glibc)
      let process = RUSAGE_SELF.rawValue
    #else
      let process = RUSAGE_SELF
    #endif
    guard getrusage(.init(process), &usage) == 0 else { return 0 }
    #if canImport(Darwin)
      return Int(usage.ru_maxrss)
    #else
      return Int(usage.ru_maxrss) * 1024
    #endif
  }
}
