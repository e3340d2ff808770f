import ArgumentParser
import Foundation
import Imaging

/// The `medoid` command. Standard output is data, standard error is progress; exit codes are in `ExitStatus`.
@main
struct Medoid: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "medoid",
    abstract: "Sorts unlabelled medical image archives.",
    discussion: """
      Learns features from the images themselves, groups them, and shows what is there and how sure it is.

        medoid sort DIR                          sort a folder of images, no recipe needed
        medoid run RECIPE --set ingest.from=DIR  carry out a recipe
        medoid plan RECIPE                       what would run, and why
        medoid assign RUN DIR                    sort new images into the groups of a finished run

      Exit codes: 0 done, 1 failed, 2 usage, 3 a check failed, 4 finished with rejected files (--strict-items),
      130 interrupted. No network, no telemetry; writes only to --out and the store.
      """,
    version: Version.current,
    subcommands: [
      SortCommand.self, RunCommand.self, AssignCommand.self, PlanCommand.self, StatusCommand.self, DAGCommand.self,
      StagesCommand.self,
      WeightsCommand.self, InspectCommand.self, AugmentCommand.self, PhantomCommand.self, DoctorCommand.self,
    ])

  static func main() async {
    if CommandLine.arguments.dropFirst().first == DecoderService.argument { leave(DecoderService.serve()) }
    Startup.prepare()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch {
      Medoid.exit(with: error)
    }
  }

  /// Prints what went wrong and ends: wrong usage is 2 here, not ArgumentParser's 64.
  private static func exit(with error: any Error) -> Never {
    let code = exitCode(for: error)
    if code == .validationFailure {
      printError(fullMessage(for: error))
      leave(ExitStatus.usage.rawValue)
    }
    if error is ExitCode || code == .success { exit(withError: error) }
    printError("medoid: \(explain(error))")
    leave(ExitStatus.failed.rawValue)
  }
}

/// Ends the program; the command type's own `exit` hides the C library's.
private func leave(_ status: Int32) -> Never { exit(status) }

/// A line on standard error.
func printError(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

/// An error in words. Ours describe themselves; Foundation's have a localised sentence.
func explain(_ error: any Error) -> String { error is CocoaError ? error.localizedDescription : "\(error)" }
