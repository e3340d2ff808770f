import Foundation
import Pipeline
import Testing

@Suite struct RecipeTests {
  func errors(_ yaml: String, _ overrides: [String] = []) -> [String] {
    do {
      _ = try Recipe(yaml: yaml, file: "toy.yml", stages: ToyStages.all, overrides: overrides)
      return []
    } catch { return (error as? RecipeErrors)?.errors.map(\.description) ?? ["\(error)"] }
  }

  @Test func readsStepsInOrderAndFillsInDefaults() throws {
    let recipe = try Recipe(yaml: Workshop.standard, file: "a/toy.yml", stages: ToyStages.all)
    #expect(recipe.name == "toy")
    #expect(recipe.seed == 7)
    #expect(recipe.steps.map(\.name) == ["text", "long", "short", "drawn", "page"])
    #expect(recipe.step("long").parameters == ["min_length": 4, "max_share": 1, "skip": .null])
    #expect(recipe.step("page").inputs.map(\.steps) == [["long", "short"]])
    #expect(recipe.step("text").hashedParameters == ["limit": 100, "case": "same"])
  }

  @Test func ordersByInputsThenByLine() throws {
    let yaml = """
      steps:
        page:  { stage: join, counts: [b, a] }
        b:     { stage: count, text: late }
        a:     { stage: count, text: early }
        late:  { stage: read, from: x }
        early: { stage: read, from: x }
      """
    let recipe = try Recipe(yaml: yaml, file: "toy.yml", stages: ToyStages.all)
    #expect(recipe.executionOrder.map { recipe.steps[$0].name } == ["late", "b", "early", "a", "page"])
  }

  @Test func overridesGoThroughTheSameCheck() throws {
    let recipe = try Recipe(
      yaml: Workshop.standard, file: "toy.yml", stages: ToyStages.all,
      overrides: ["long.min_length=9", "long.skip=[a, b]", "page.counts=short", "seed=9", "long.min_length=8"])
    #expect(recipe.step("long").parameters["min_length"] == 8)
    #expect(recipe.step("long").parameters["skip"] == ["a", "b"])
    #expect(recipe.step("page").inputs.map(\.steps) == [["short"]])
    #expect(recipe.seed == 9)
    #expect(
      errors(
        Workshop.standard, ["long.min_length=99", "lang.min_length=3", "long.min_lenght=3", "long", "=", "text.from="])
        == [
          "--set long.min_length=99: min_length wants an integer from 1 to 20, not \"99\"",
          "--set lang.min_length=3: unknown step \"lang\"; did you mean \"long\"?",
          "--set long.min_lenght=3: step \"long\": unknown key \"min_lenght\"; did you mean \"min_length\"?",
          "--set long: wants step.key=value or seed=value", "--set =: wants step.key=value or seed=value",
          "--set text.from=: from wants a path, not \"~\"",
        ])
  }

  @Test func seedOfTheCallerWins() throws {
    let recipe = try Recipe(
      yaml: Workshop.standard, file: "toy.yml", stages: ToyStages.all, overrides: ["seed=9"], seed: 11)
    #expect(recipe.seed == 11)
  }

  @Test func tellsAllMistakesAtOnceWithPlaceAndNearestWord() {
    let yaml = """
      sead: 7
      steps:
        text:
          stage: reed
          from: input.txt
        long:
          stage: count
          text: txt
          min_lenth: 4
          max_share: 1.5
        page: { stage: join, counts: [long, text], title: [a] }
        draw: { stage: draw }
      """
    #expect(
      errors(yaml) == [
        "toy.yml:1:1: unknown key \"sead\"; did you mean \"seed\"?",
        "toy.yml:4:12: unknown stage \"reed\"; did you mean \"read\"?",
        "toy.yml:8:11: step \"long\": text names an unknown step \"txt\"; did you mean \"text\"?",
        "toy.yml:9:5: step \"long\": unknown key \"min_lenth\"; did you mean \"min_length\"?",
        "toy.yml:10:16: max_share wants a number from 0 to 1, not \"1.5\"",
        "toy.yml:11:53: title wants a text, not a list",
        "toy.yml:12:3: step \"draw\": text is missing (a step that makes text)",
      ])
  }

  @Test(arguments: [
    ("seed: -1", "toy.yml:2:7: seed wants an integer of at least 0, not \"-1\""),
    ("seed: x", "toy.yml:2:7: seed wants an integer of at least 0, not \"x\""),
    ("name: ../up", "toy.yml:2:7: name wants letters, digits, _ and -, not \"../up\""),
    ("colour: red", "toy.yml:2:1: unknown key \"colour\"; there are seed, steps, name, description"),
  ])
  func refusesTopLevel(_ line: String, _ error: String) {
    #expect(errors("steps: { t: { stage: read, from: x } }\n" + line) == [error])
  }

  @Test(arguments: [
    ("limit: 12x", "limit wants an integer from 1 to 1000, not \"12x\""),
    ("limit: \"12\"", "limit wants an integer from 1 to 1000, not the text \"12\""),
    ("limit: 1.0", "limit wants an integer from 1 to 1000, not \"1.0\""),
    ("limit:", "limit wants an integer from 1 to 1000, not nothing"),
    ("limit: 99999999999999999999", "limit wants an integer from 1 to 1000, not \"99999999999999999999\""),
    ("case: uper", "case wants one of same, upper, lower, not \"uper\"; did you mean \"upper\"?"),
    ("case: { a: b }", "case wants one of same, upper, lower, not a table"),
  ])
  func refusesValues(_ entry: String, _ error: String) {
    let found = errors("steps:\n  t:\n    stage: read\n    from: x\n    \(entry)\n")
    #expect(found.count == 1)
    #expect(found.first?.hasPrefix("toy.yml:5:") == true)
    #expect(found.first?.hasSuffix(error) == true, "\(found)")
  }

  @Test func namesALoop() {
    let yaml = """
      steps:
        a: { stage: count, text: b }
        b: { stage: count, text: c }
        c: { stage: count, text: b }
      """
    let found = errors(yaml)
    #expect(found.contains("toy.yml:3:28: a loop: b reads c reads b"))
    #expect(errors("steps: { a: { stage: join, counts: [a] } }") == ["toy.yml:1:37: a loop: a reads a"])
  }

  @Test func refusesAStepOfTheWrongKind() {
    let yaml = Workshop.standard + "  more: { stage: count, text: long }\n"
    #expect(
      errors(yaml) == [
        "toy.yml:8:31: step \"more\": text wants text, but \"long\" makes counts; these do: text"
      ])
  }

  @Test func tellsAKeyGivenTwiceAndBrokenYAML() {
    #expect(
      errors("steps:\n  a: { stage: read, from: x }\n  a: { stage: read, from: y }\n").first?.contains(
        "given twice: \"a\"") == true)
    #expect(errors("steps: [\n").first?.hasPrefix("toy.yml:2:1: not YAML") == true)
    #expect(
      errors("just words") == ["toy.yml:1:1: a recipe is a table with the keys seed and steps, not \"just words\""])
    #expect(errors("") == ["toy.yml:1:1: steps is missing"])
    #expect(errors("steps:\n") == ["toy.yml:1:7: steps wants a table of steps, not nothing"])
    #expect(errors("steps: { a: *b }").count == 1)
  }

  @Test func asksTheStageLast() {
    #expect(
      errors(Workshop.standard, ["long.skip=[]"]) == [
        "--set long.skip=[]: step \"long\": skip: an empty list skips nothing"
      ])
  }

  @Test func refusesNamesThatAreNoFileNames() {
    #expect(
      errors("steps: { ../a: { stage: read, from: x } }") == [
        "toy.yml:1:10: a step's name has letters, digits, _ and -, not \"../a\""
      ])
  }

  @Test func everyCutOfARecipeIsAnErrorOrARecipeAndNeverACrash() {
    for length in 0..<Workshop.standard.count {
      _ = errors(String(Workshop.standard.prefix(length)))
      var mangled = Array(Workshop.standard)
      mangled[length] = "}"
      _ = errors(String(mangled))
      mangled[length] = ":"
      _ = errors(String(mangled))
    }
  }
}
