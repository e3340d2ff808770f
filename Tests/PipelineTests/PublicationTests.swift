import Foundation
import Pipeline
import Testing

@Suite struct PublicationTests {
  @Test func theLastOfSeveralHasTheNameAndTheAlias() async throws {
    try await Workshop.with { shop in
      shop.recipe = """
        steps:
          one:  { stage: read, from: input.txt }
          two:  { stage: read, from: input.txt, case: upper }
          draw: { stage: draw, text: one }
          long: { stage: count, text: two, min_length: 4 }
        """
      _ = try await shop.run()
      let files = try shop.published()
      #expect(Set(files.keys) == ["text-one.txt", "text.txt", "counts-draw.csv", "counts-long.csv", "counts.csv"])
      #expect(files["text.txt"] == "ONE TWO THREE\nTHREE FOUR FIVE FIVE\n")
      #expect(files["counts.csv"] == files["counts-long.csv"])
    }
  }

  @Test func whatARecipeNoLongerMakesIsRemovedUnlessTheUserChangedIt() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      try Data("my own\n".utf8).write(to: shop.out.appending(path: "counts-short.csv"))
      try Data("notes\n".utf8).write(to: shop.out.appending(path: "notes.txt"))
      shop.recipe = "steps:\n  text: { stage: read, from: input.txt }\n"
      _ = try await shop.run()
      #expect(Set(try shop.published().keys) == ["text.txt", "counts-short.csv", "notes.txt"])
      #expect(!FileManager.default.fileExists(atPath: shop.out.appending(path: "report").path))
    }
  }

  @Test func filesOfStepsNotAskedForStay() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      let before = try shop.published()
      _ = try await shop.run(["long.min_length=5"], selection: Selection(until: "long"))
      var after = try shop.published()
      #expect(after["counts-long.csv"] == "word,count\nthree,2\n")
      after["counts-long.csv"] = before["counts-long.csv"]
      after["counts.csv"] = before["counts.csv"]
      #expect(after == before)
    }
  }

  @Test func filesAreCopiesThatMayBeWrittenTo() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      let handle = try FileHandle(forWritingTo: shop.out.appending(path: "text.txt"))
      try handle.write(contentsOf: Data("XXX".utf8))
      try handle.close()
      #expect(shop.store.artifacts().allSatisfy { shop.store.verify($0).isEmpty })
      #expect(try await shop.run() == [])
      #expect(try shop.read("text.txt").hasPrefix("one"))
    }
  }
}
