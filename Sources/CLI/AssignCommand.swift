import ArgumentParser
import Foundation
import Pipeline
import Stages

/// `medoid assign RUN DIR…`: new images into the groups of a finished run.
struct AssignCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "assign", abstract: "Sort new images into the groups of a finished run; nothing is fitted anew.",
    discussion: """
      The new images are read, embedded and projected as the run's own were. assigned.csv in the new folder says for each its group,
      how far it lies from it, and whether that is unusual among the group's own members.
      """)

  @Argument(help: ArgumentHelp("The folder of the run.", valueName: "RUN"))
  var run: String

  @Argument(help: ArgumentHelp("Folders of new images, or a CSV that lists them.", valueName: "DIR"))
  var folders: [String]

  @Option(help: ArgumentHelp("The step whose groups are meant; the run's last unless given.", valueName: "STEP"))
  var groups: String?

  @Option(
    help: ArgumentHelp(
      "Of the images that do fit their group, the share that may be called misfits; 0.05 unless given.",
      valueName: "SHARE"))
  var level: Double?

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var running: RunningOptions

  func run() async throws {
    let plan = try WrongUsage.guarding { try self.plan() }
    try await running.run(plan)
  }

  private func plan() throws -> Plan {
    let folder = URL(filePath: run, directoryHint: .isDirectory)
    guard let record = RunRecord(in: folder) else { throw WrongUsage("there is no run in \(folder.relativePath)") }
    let later = try LaterImages(record, groups: groups, folders: folders, level: level)
    let recipe = try workspace.recipe(yaml: later.text, file: folder.relativePath + "/run.json", extra: [])
    return try workspace.plan(recipe, writes: !running.dryRun, keeping: later.kept)
  }
}
