import ArgumentParser
import Pipeline
import Stages

/// `medoid stages [NAME]`: the recipe language, from the declarations themselves.
struct StagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stages", abstract: "List the stages a recipe may use, with their inputs, parameters and defaults.")

  @Argument(help: ArgumentHelp("Only this stage.", valueName: "NAME"))
  var name: String?

  func run() throws {
    let wanted = stageRegistry.filter { name == nil || $0.name == name }
    if wanted.isEmpty {
      printError("no stage \(name ?? ""); there are \(stageRegistry.map { $0.name }.joined(separator: ", "))")
      throw ExitStatus.usage
    }
    for stage in wanted {
      print("\(stage.name)  \(stage.summary)")
      for slot in stage.slots {
        let kinds = slot.kinds.map(\.name).joined(separator: " or ")
        print(
          "  \(slot.name): \(slot.many ? "steps" : "a step") that made \(kinds)\(slot.optional ? ", optional" : "")")
      }
      for field in stage.fields {
        let standard = field.defaultValue.map { "default \($0)" } ?? "required"
        print("  \(field.name): \(field.kind) [\(standard)]\n      \(field.summary)")
      }
      print("")
    }
  }
}
