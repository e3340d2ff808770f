import Foundation
import Pipeline
import Testing

/// What a recipe may write for each kind of parameter.
@Suite struct ParameterCheckTests {
  /// A stage with one field of each kind.
  private struct Many: Stage {
    struct Parameters: Codable, Hashable, Sendable {
      var size: Int
      var rate: Double
      var share: Double
      var flag: Bool
      var text: String?
      var from: ParameterValue
      var samples: ParameterValue
      var limits: [String: ParameterValue]
      var scales: [Double]
    }

    static let name = "many"
    static let revision = 1
    static let summary = "Takes everything."
    static let fields = [
      ParameterField("size", .integer(16...Int.max), default: 32, ""),
      ParameterField("rate", .number(0...Double.infinity), default: 0.5, ""),
      ParameterField("share", .number(-.infinity...1), default: 0.5, ""),
      ParameterField("flag", .flag, default: false, ""),
      ParameterField("text", .text, default: .null, ""),
      ParameterField("from", .either([.path, .list(.path)]), default: "x", ""),
      ParameterField("samples", .either([.integer(1...9), .choice(["auto"])]), default: "auto", ""),
      ParameterField("limits", .table(["modality": .list(.text), "minimum": .integer(0...9)]), default: [:], ""),
      ParameterField("scales", .list(.number(0...1)), default: [0.5], ""),
    ]
    static let output = ToyStages.textKind
    init(_ parameters: Parameters) throws {}
    func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {}
  }

  private func recipe(_ entry: String) throws -> Recipe {
    try Recipe(yaml: "steps:\n  s:\n    stage: many\n    \(entry)\n", file: "r.yml", stages: [Many.self])
  }

  @Test(
    arguments: [
      ("size: 16", "size", 16), ("rate: 3", "rate", .number(3)), ("rate: 1e-3", "rate", 0.001),
      ("flag: yes", "flag", true),
      ("flag: False", "flag", false), ("text: no", "text", "no"), ("text: 15", "text", "15"), ("text:", "text", .null),
      ("text: null", "text", .null), ("text: \"null\"", "text", "null"), ("from: a/b", "from", "a/b"),
      ("from: [a, b]", "from", ["a", "b"]), ("samples: 5", "samples", 5), ("samples: auto", "samples", "auto"),
      ("limits: { modality: CR }", "limits", ["modality": ["CR"]]),
      ("limits: { modality: [CR, DX], minimum: 3 }", "limits", ["modality": ["CR", "DX"], "minimum": 3]),
      ("scales: [0.5, 1]", "scales", .list([0.5, .number(1)])), ("scales: []", "scales", []),
    ] as [(String, String, ParameterValue)])
  func takes(_ entry: String, _ key: String, _ value: ParameterValue) throws {
    #expect(try recipe(entry).steps[0].parameters[key] == value)
  }

  @Test(arguments: [
    ("size: 15", "r.yml:4:11: size wants an integer of at least 16, not \"15\""),
    ("size: 010x", "r.yml:4:11: size wants an integer of at least 16, not \"010x\""),
    ("rate: -1", "r.yml:4:11: rate wants a number of at least 0, not \"-1\""),
    ("rate: nan", "r.yml:4:11: rate wants a number of at least 0, not \"nan\""),
    ("rate: inf", "r.yml:4:11: rate wants a number of at least 0, not \"inf\""),
    ("rate: 0x1p3", "r.yml:4:11: rate wants a number of at least 0, not \"0x1p3\""),
    ("share: 2", "r.yml:4:12: share wants a number of at most 1, not \"2\""),
    ("flag: 1", "r.yml:4:11: flag wants true or false, not \"1\""),
    ("from: { a: b }", "r.yml:4:11: from wants a path or a list (each item a path), not a table"),
    ("samples: 12", "r.yml:4:14: samples wants an integer from 1 to 9 or auto, not \"12\""),
    ("limits: { modalty: CR }", "r.yml:4:15: unknown key \"modalty\" in limits; did you mean \"modality\"?"),
    ("limits: { minimum: x }", "r.yml:4:24: limits.minimum wants an integer from 0 to 9, not \"x\""),
    ("limits: CR", "r.yml:4:13: limits wants a table of minimum, modality, not \"CR\""),
    ("scales: [0.5, 2]", "r.yml:4:19: scales wants a number from 0 to 1, not \"2\""),
  ])
  func refuses(_ entry: String, _ message: String) {
    do {
      _ = try recipe(entry)
      Issue.record("\(entry) went through")
    } catch {
      #expect("\(error)" == message)
    }
  }

  @Test func overridesReachIntoTables() throws {
    let recipe = try Recipe(
      yaml: "steps: { s: { stage: many, limits: { minimum: 3 } } }", file: "r.yml", stages: [Many.self],
      overrides: ["s.limits.modality=[CR]"])
    #expect(recipe.steps[0].parameters["limits"] == ["modality": ["CR"], "minimum": 3])
  }
}
