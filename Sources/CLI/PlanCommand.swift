import ArgumentParser
import Foundation
import Pipeline
import Stages

/// `medoid plan RECIPE`.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Say what would run, each step HIT or RUN with its reason; changes nothing on disk.")

  @Argument(help: ArgumentHelp("The recipe's file.", valueName: "RECIPE"))
  var recipe: String

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    PlanText.print(
      try WrongUsage.guarding { try workspace.plan(workspace.recipe(at: recipe), writes: false) })
  }
}

/// `medoid status RECIPE`.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "How the run's folder stands beside its recipe; exits with 3 when it is out of date.")

  @Argument(help: ArgumentHelp("The recipe's file.", valueName: "RECIPE"))
  var recipe: String

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let plan = try WrongUsage.guarding { try workspace.plan(workspace.recipe(at: recipe), writes: false) }
    let status = RunStatus(of: plan)
    guard let last = status.lastRun else {
      print("\(plan.out.relativePath): no run yet")
      throw ExitStatus.checkFailed
    }
    print("\(plan.out.relativePath): \(last.status.rawValue), \(last.files.count) files")
    for file in status.missing { print("  missing: \(file)") }
    for file in status.changed { print("  changed since: \(file)") }
    for step in status.due { print("  due: \(step.step.name) (\(PlanText.reasons(step)))") }
    if status.isUpToDate {
      print("  up to date")
    } else {
      throw ExitStatus.checkFailed
    }
  }
}

/// `medoid dag RECIPE`: the graph, for Graphviz.
struct DAGCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dag", abstract: "Print the recipe's graph in Graphviz's language.")

  @Argument(help: ArgumentHelp("The recipe's file.", valueName: "RECIPE"))
  var recipe: String

  @OptionGroup var workspace: WorkspaceOptions

  func run() throws {
    let recipe = try WrongUsage.guarding { try workspace.recipe(at: self.recipe) }
    print("digraph \"\(recipe.name)\" {")
    for step in recipe.steps {
      print("  \"\(step.name)\" [label=\"\(step.name)\\n\(step.type.name)\"];")
      for source in step.upstream { print("  \"\(source)\" -> \"\(step.name)\";") }
    }
    print("}")
  }
}

/// A plan as lines of text.
enum PlanText {
  static func print(_ plan: Plan) {
    let width = plan.steps.map(\.step.name.count).max() ?? 0
    for step in plan.steps {
      let name = step.step.name.padding(toLength: width, withPad: " ", startingAt: 0)
      switch step.action {
      case .reuse: Swift.print("HIT  \(name)")
      case .leaveOut: Swift.print("  -  \(name)  not asked for")
      case .run:
        let settled = step.step.stage.settled.map { "; " + $0 }.joined()
        Swift.print("RUN  \(name)  \(reasons(step))\(settled)")
      }
    }
  }

  static func reasons(_ step: PlannedStep) -> String { step.action.reasons.map(\.description).joined(separator: "; ") }
}
