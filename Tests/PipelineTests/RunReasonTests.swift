import Foundation
import Pipeline
import TestSupport
import Testing

/// Every reason to run, each with the list of steps that then ran.
@Suite struct RunReasonTests {
  @Test func firstRunHasNoOutputAndSecondDoesNothing() async throws {
    try await Workshop.with { shop async throws in
      #expect(
        try shop.reasons() == [
          "text: no result yet", "long: text runs", "short: text runs", "drawn: text runs",
          "page: long runs; short runs",
        ])
      #expect(try await shop.run() == ["text", "long", "short", "drawn", "page"])
      let before = shop.everything()
      #expect(try shop.plan().isUpToDate)
      #expect(try await shop.run() == [])
      #expect(shop.everything() == before)
    }
  }

  @Test func parameterRunsItsStepAndWhatFollows() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      #expect(try shop.reasons(["long.min_length=5"]) == ["long: min_length 4 → 5", "page: long runs"])
      #expect(try await shop.run(["long.min_length=5"]) == ["long", "page"])
      #expect(try await shop.run(["long.min_length=5"]) == [])
      // Back again: the old result is still there.
      #expect(try await shop.run() == [])
    }
  }

  @Test func equalBytesUpstreamKeepDownstream() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      #expect(try shop.reasons(["text.limit=50"]).count == 5)
      #expect(try await shop.run(["text.limit=50"]) == ["text"])
    }
  }

  @Test func outsideFileRunsWhatReadsIt() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      try shop.write("six seven\n", to: "input.txt")
      #expect(try shop.reasons().first == "text: changed: from")
      #expect(try await shop.run() == ["text", "long", "short", "drawn", "page"])
    }
  }

  @Test func pathItselfIsNoReason() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      try shop.write("one two three\nthree four five five\n", to: "moved.txt")
      #expect(try await shop.run(["text.from=moved.txt"]) == [])
    }
  }

  @Test func factOfTheCallerRunsWhatAsksForIt() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      shop.values = ["dice": "loaded", "unrelated": "x"]
      #expect(try shop.reasons() == ["drawn: changed: dice"])
      #expect(try await shop.run() == ["drawn"])
    }
  }

  @Test func seedRunsOnlyWhatDrawsNumbers() async throws {
    try await Workshop.with { shop in
      shop.recipe = shop.recipe.replacing("long:  { stage: count", with: "long:  { stage: count, max_share: 1")
      _ = try await shop.run()
      #expect(try shop.reasons(seed: 8).contains("drawn: seed 7 → 8"))
      // `count` uses the seed by default; its bytes are the same, so the page stays.
      #expect(try await shop.run(seed: 8) == ["long", "short", "drawn"])
    }
  }

  @Test func otherInputsInASlot() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      #expect(try shop.reasons(["page.counts=[short, long]"]) == ["page: other counts"])
      #expect(try await shop.run(["page.counts=[short, long]"]) == ["page"])
      #expect(try await shop.run(["page.counts=[short, long]", "page.text=text"]) == ["page"])
      #expect(try shop.reasons(["page.counts=[short, drawn]"]) == ["page: other counts; other text"])
    }
  }

  @Test func upstreamBytesAreTheInputOnceKnown() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      let (record, _) = try await shop.runAll(["text.case=upper"])
      #expect(
        record.steps.map(\.reasons) == [
          ["case same → upper"], ["other text"], ["other text"], ["other text"], ["other counts"],
        ])
    }
  }

  @Test func revisionOfAStage() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      let newer: [any Stage.Type] = ToyStages.all.filter { $0.name != "count" } + [Newer.self]
      #expect(
        try shop.reasons(stages: newer) == [
          "long: revision of the stage 3 → 4", "short: revision of the stage 3 → 4", "page: long runs; short runs",
        ])
      #expect(try await shop.run(stages: newer) == ["long", "short"])
    }
  }

  @Test func formatOfAResult() async throws {
    try await Workshop.with { shop in
      shop.recipe = "steps: { page: { stage: pair } }"
      _ = try await shop.run(stages: [Pair1.self])
      #expect(try shop.reasons(stages: [Pair2.self]) == ["page: format page (version 1) → page (version 2)"])
      #expect(try await shop.run(stages: [Pair2.self]) == ["page"])
    }
  }

  @Test func anotherStageUnderTheSameName() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      shop.recipe = shop.recipe.replacing("stage: draw,", with: "stage: count,")
      #expect(try shop.reasons() == ["drawn: stage draw → count"])
      #expect(try await shop.run() == ["drawn"])
    }
  }

  @Test func forced() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      #expect(try await shop.run(selection: Selection(force: true)) == ["text", "long", "short", "drawn", "page"])
      let one = Selection(forcedSteps: ["text"])
      #expect(try shop.reasons(selection: one).first == "text: forced")
      #expect(try await shop.run(selection: one) == ["text"])
      #expect(try await shop.run() == [])
    }
  }

  @Test func damagedResult() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      let artifact = shop.store.artifacts().first { $0.stage == "count" }!
      // The same size, so that only the bytes tell.
      var bytes = try Data(contentsOf: artifact.folder.appending(path: "counts.csv"))
      bytes[0] ^= 1
      try bytes.write(to: artifact.folder.appending(path: "counts.csv"))
      #expect(shop.store.verify(artifact) == ["counts.csv"])
      let reasons = try shop.reasons()
      #expect(reasons.count == 2)
      #expect(reasons[0].hasSuffix(": damaged in the store: counts.csv"))
      #expect(try await shop.run().count == 1)
      #expect(shop.store.artifacts().allSatisfy { shop.store.verify($0).isEmpty })
      #expect(try await shop.run() == [])
    }
  }

  @Test(arguments: ["counts.csv", "artifact.json"]) func missingFileOfAResult(_ name: String) async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      let artifact = shop.store.artifacts().first { $0.stage == "count" }!
      try FileManager.default.removeItem(at: artifact.folder.appending(path: name))
      #expect(try await shop.run().count == 1)
      #expect(try await shop.run() == [])
    }
  }

  @Test func emptiedStoreIsNoOutput() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      let artifact = shop.store.artifacts().first { $0.stage == "draw" }!
      try FileManager.default.removeItem(at: artifact.folder)
      #expect(try shop.reasons() == ["drawn: no result yet"])
      #expect(try await shop.run() == ["drawn"])
    }
  }
}

/// `CountWords` with another revision.
private struct Newer: Stage {
  static let name = "count"
  static let revision = 4
  static let summary = CountWords.summary
  static let fields = CountWords.fields
  static let slots = CountWords.slots
  static let output = CountWords.output
  let stage: CountWords

  init(_ parameters: CountWords.Parameters) throws { stage = try CountWords(parameters) }

  func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    try await stage.run(inputs, into: output, context)
  }
}

private struct Pair1: Stage {
  struct Parameters: Codable, Hashable, Sendable {}
  static let name = "pair"
  static let revision = 1
  static let summary = "Nothing."
  static let output = ToyStages.pageKind
  init(_ parameters: Parameters) throws {}
  func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {}
}

private struct Pair2: Stage {
  struct Parameters: Codable, Hashable, Sendable {}
  static let name = "pair"
  static let revision = 1
  static let summary = "Nothing."
  static let output = ArtifactKind("page", version: 2)
  init(_ parameters: Parameters) throws {}
  func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {}
}
