import ArgumentParser
import Dispatch
import Foundation
import Pipeline
import Stages
import Tensors

/// How `run` and `sort` run, and what they say.
struct RunningOptions: ParsableArguments {
  @Flag(name: [.customShort("n"), .long], help: "Only say what would run.")
  var dryRun = false

  @Flag(name: .shortAndLong, help: "After a failed step, go on with those that don't read it.")
  var keepGoing = false

  @Option(
    name: [.customShort("j"), .long], help: ArgumentHelp("Threads; the result doesn't depend on it.", valueName: "N"))
  var workers: Int?

  @Option(help: ArgumentHelp("Refuse steps that would need more: 4G, 800M.", valueName: "SIZE"))
  var maxMemory: ByteCount?

  @Flag(help: "Exit with 4 when files were rejected.")
  var strictItems = false

  @Flag(help: "Print run.json to standard output.")
  var json = false

  @Flag(help: "Measure every operation of the networks: a table at the end, and profile.csv in the run's folder.")
  var profile = false

  @Flag(name: .shortAndLong, help: "Say nothing but errors.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say why each step runs.")
  var verbose = false

  func validate() throws {
    if let workers, workers < 1 { throw ValidationError("-j \(workers): at least one thread is wanted") }
  }

  func run(_ recipe: Recipe, _ workspace: WorkspaceOptions) async throws {
    try await run(try WrongUsage.guarding { try workspace.plan(recipe, writes: !dryRun) })
  }

  func run(_ plan: Plan) async throws {
    if dryRun {
      PlanText.print(plan)
      return
    }
    let interruption = Interruption()
    let signals = [SIGINT, SIGTERM].map { InterruptSignal($0, interruption) }
    defer { withExtendedLifetime(signals) {} }
    let display = ProgressDisplay(quiet: quiet, verbose: verbose)
    let options = RunOptions(
      workers: Startup.workers(workers), memoryLimit: maxMemory?.bytes, keepGoing: keepGoing, versions: Version.all)
    if profile { OperationProfile.start() }
    let record = try await Runner(plan, options).run(interruption: interruption) { display.show($0) }
    display.finish()
    if json {
      print(String(decoding: try Data(contentsOf: plan.out.appending(path: "run.json")), as: UTF8.self))
    } else if record.status == .done {
      RunSummary(record, out: plan.out).print()
    }
    if profile { try ProfileTable(OperationProfile.entries).show(out: plan.out) }
    switch record.status {
    case .done:
      if strictItems && RunSummary(record, out: plan.out).rejected > 0 { throw ExitStatus.finishedWithRejections }
    case .failed: throw ExitStatus.failed
    case .interrupted:
      printError("Interrupted. What was finished is kept; the same command goes on from there.")
      throw ExitStatus.interrupted
    }
  }
}

/// A signal that asks the run to stop after the work in hand; a second one ends the program at once.
private final class InterruptSignal {
  private let source: any DispatchSourceSignal

  init(_ number: Int32, _ interruption: Interruption) {
    signal(number, SIG_IGN)
    source = DispatchSource.makeSignalSource(signal: number)
    source.setEventHandler {
      if interruption.isRequested { _exit(ExitStatus.interrupted.rawValue) }
      interruption.request()
    }
    source.resume()
  }
}

/// A size as people write it: `4G`, `800M`, `65536`.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40]
    let text = argument.uppercased().hasSuffix("B") ? String(argument.dropLast()) : argument
    let unit = text.last.flatMap { units[Character($0.uppercased())] }
    guard let number = Double(unit == nil ? text : String(text.dropLast())), number > 0, number < 1e9 else {
      return nil
    }
    bytes = Int(number * Double(unit ?? 1))
  }
}
