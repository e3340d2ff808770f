import ArgumentParser
import Foundation
import Pipeline
import Stages

/// `medoid run RECIPE`.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Carry out a recipe; what is up to date is not made again.")

  @Argument(help: ArgumentHelp("The recipe's file.", valueName: "RECIPE"))
  var recipe: String

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var running: RunningOptions

  func run() async throws {
    let recipe = try WrongUsage.guarding { try workspace.recipe(at: self.recipe) }
    try await running.run(recipe, workspace)
  }
}

/// `medoid sort DIR`: the quickstart recipe on a folder.
struct SortCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sort", abstract: "Sort a folder of images by the built-in recipe (Pipelines/quickstart.yml).")

  @Argument(help: ArgumentHelp("Folders of images, or a CSV that lists them.", valueName: "DIR"))
  var folders: [String]

  @Option(help: ArgumentHelp("How many groups k-means makes; HDBSCAN finds its own number.", valueName: "K"))
  var clusters: Int?

  @OptionGroup var workspace: WorkspaceOptions
  @OptionGroup var running: RunningOptions

  func run() async throws {
    var extra = ["ingest.from=[\(folders.map(Self.quoted).joined(separator: ", "))]"]
    if let clusters { extra.append("kmeans.n_clusters=\(clusters)") }
    if let folder = folders.first, !workspace.hidePaths {
      extra.append("report.title=\(Self.quoted(URL(filePath: folder).lastPathComponent))")
    }
    let recipe = try WrongUsage.guarding {
      try workspace.recipe(
        yaml: String(decoding: PackageResources.quickstart_yml, as: UTF8.self), file: "quickstart.yml", extra: extra)
    }
    try await running.run(recipe, workspace)
  }

  /// As a YAML string, whatever it holds.
  private static func quoted(_ text: String) -> String {
    "\"" + text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"") + "\""
  }
}
