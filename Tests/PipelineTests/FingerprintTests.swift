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
