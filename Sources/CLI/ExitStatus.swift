import ArgumentParser

/// The exit codes of every subcommand; `medoid help` and `Documentation/Formats.md` list them.
enum ExitStatus {
  static let failed = ExitCode(1)
  static let usage = ExitCode(2)
  static let checkFailed = ExitCode(3)
  static let finishedWithRejections = ExitCode(4)
  static let interrupted = ExitCode(130)
}
