import Foundation
import Pipeline
import Testing

/// Results of an earlier run that a plan takes as they are.
@Suite struct PinnedResultsTests {
  /// What `text` was made of is changed, then gone: pinned, it is read all the same, by steps old and new.
  @Test func aPinnedStepIsNotAskedWhetherItIsUpToDate() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      let last = try #require(RunRecord(in: shop.out))
      let kept = last.steps[0]
      try FileManager.default.removeItem(at: shop.folder.appending(path: "input.txt"))
      #expect(throws: RecipeErrors.self) { try shop.plan() }
      let artifact = try #require(shop.store.wholeResult(of: kept, shop.store.digestCache()))
      shop.recipe += "  rare: { stage: count, text: text, min_length: 5 }\n"
      shop.pinned = ["text": artifact]
      let (record, events) = try await shop.runAll()
      #expect(events.stepsRun == ["rare"])
      #expect(record.steps[0].content == kept.content && record.steps[0].state == .upToDate)
      #expect(try shop.read("counts-rare.csv") == "word,count\nthree,2\n")
    }
  }

  @Test func aDamagedOrMissingResultIsNone() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      let kept = try #require(RunRecord(in: shop.out)).steps[0]
      let artifact = try #require(shop.store.wholeResult(of: kept, shop.store.digestCache()))
      let file = artifact.folder.appending(path: "text.txt")
      try Data("other\n".utf8).write(to: file)
      #expect(shop.store.wholeResult(of: kept, DigestCache(contentsOf: shop.folder.appending(path: "none"))) == nil)
      try FileManager.default.removeItem(at: artifact.folder)
      #expect(shop.store.wholeResult(of: kept, shop.store.digestCache()) == nil)
    }
  }
}
