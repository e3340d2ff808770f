import Foundation
import Pipeline
import Testing

@Suite struct FingerprintTests {
  func fingerprints(_ shop: Workshop, _ overrides: [String] = [], seed: UInt64? = nil) async throws -> [String:
    Fingerprint]
  {
    let record = try await shop.runAll(overrides, seed: seed).record
    return Dictionary(uniqueKeysWithValues: record.steps.map { ($0.name, $0.fingerprint!) })
  }

  @Test func dependsOnNoPlaceAndNoTime() async throws {
    let one = try await Workshop.with { try await fingerprints($0) }
    let two = try await Workshop.with { shop in
      shop.outName = "elsewhere"
      shop.recipe = shop.recipe.replacing("input.txt", with: "sub/other.txt")
      try FileManager.default.createDirectory(at: shop.folder.appending(path: "sub"), withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        at: shop.folder.appending(path: "input.txt"), to: shop.folder.appending(path: "sub/other.txt"))
      return try await fingerprints(shop)
    }
    #expect(one == two)
  }

  /// Fixed for ever: a change here throws away everybody's store.
  @Test func isTheDigestOfCanonicalJSON() async throws {
    try await Workshop.with { shop async throws in
      shop.recipe = "steps:\n  text: { stage: read, from: input.txt }\n"
      // sha256sum of {"external":{"from":"<sha256sum of input.txt>"},"inputs":{},"output":"text/1",
      // "parameters":{"case":"same","limit":100},"revision":1,"seed":null,"stage":"read"} in one line
      let expected = "d9f72bd1cf0d780fb1d0f90b3e1ee138bad6fc8bf4952a1fa9b97564c6d1ad4b"
      #expect(try await fingerprints(shop)["text"]?.hex == expected)
    }
  }

  /// A path in a table stays out as one by itself does; the other keys are parameters as ever.
  @Test func ofATableThePathsStayOut() async throws {
    try await Workshop.with { shop async throws in
      try shop.write("a,b\n", to: "one.csv")
      try shop.write("a,b\n", to: "two.csv")
      try shop.write("c\n", to: "three.csv")
      shop.recipe = "steps:\n  text: { stage: labelled, labels: { file: one.csv, column: a } }\n"
      func fingerprint(_ shop: Workshop, _ override: String...) async throws -> Fingerprint? {
        try await shop.runAll(override, stages: [Labelled.self]).record.steps[0].fingerprint
      }
      let first = try #require(try await fingerprint(shop))
      #expect(try await fingerprint(shop, "text.labels.file=two.csv") == first)
      #expect(try await fingerprint(shop, "text.labels.file=three.csv") != first)
      #expect(try await fingerprint(shop, "text.labels.column=b") != first)
      #expect(try await fingerprint(shop, "text.labels={ column: a }") != first)
      let error = #expect(throws: RecipeErrors.self) {
        try shop.plan(["text.labels.file=on.csv"], stages: [Labelled.self])
      }
      let message = error.map { "\($0)" } ?? ""
      #expect(message.contains("labels: there is no on.csv; did you mean \"one.csv\"?"), "\(message)")
    }
  }

  @Test func spellingOfAValueDoesNotMatter() async throws {
    try await Workshop.with { shop in
      let one = try await fingerprints(shop, ["long.max_share=1", "long.skip=[a]"])
      let two = try await fingerprints(shop, ["long.max_share=1.0e0", "long.skip=\"a\""])
      #expect(one == two)
    }
  }

  @Test func namesOfStepsMatterOnlyWhereTheyTellInputsApart() async throws {
    try await Workshop.with { shop in
      let one = try await fingerprints(shop)
      shop.recipe = shop.recipe.replacing("text:  {", with: "words: {").replacing("text: text", with: "text: words")
        .replacing("long", with: "wide")
      let two = try await fingerprints(shop)
      #expect(one["text"] == two["words"])
      #expect(one["long"] == two["wide"])
      #expect(one["page"] != two["page"])
    }
  }
}

/// A stage that takes a file by a key of a table.
private struct Labelled: Stage {
  struct Parameters: Codable, Hashable, Sendable {
    struct Labels: Codable, Hashable, Sendable {
      var file: String?
      var column: String?
    }
    var labels: Labels
  }

  static let name = "labelled"
  static let revision = 1
  static let summary = "Reads a text by a table."
  static let fields = [
    ParameterField("labels", .table(["file": .path, "column": .text]), default: [:], "the file, and its column")
  ]
  static let output = ToyStages.textKind
  static let usesSeed = false
  let parameters: Parameters

  init(_ parameters: Parameters) throws { self.parameters = parameters }

  func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    guard let path = parameters.labels.file else { return [:] }
    let file = environment.url(path)
    guard FileManager.default.fileExists(atPath: file.path) else { throw InputMissing(path: path) }
    return ["labels": try environment.digest(of: file)]
  }

  func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    try Data((parameters.labels.column ?? "").utf8).write(to: output.appending(path: "text.txt"))
  }
}
