import Foundation
import Pipeline
import Testing

@Suite struct StoreTests {
  /// The disk refuses change 1, 2, 3 … until the run gets through; after each, nothing half-made counts and a plain run mends all.
  @Test(arguments: [false, true]) func everyRefusedWriteLeavesAStoreThatMends(dead: Bool) async throws {
    let recipe = """
      steps:
        text: { stage: read, from: input.txt }
        long: { stage: count, text: text, min_length: 4 }
        page: { stage: join, counts: long }
      """
    let expected = try await Workshop.with { shop in
      shop.recipe = recipe
      _ = try await shop.run()
      return try shop.published()
    }
    var refused = 0
    var gotThrough = false
    while !gotThrough {
      refused += 1
      try await Workshop.with { shop async throws in
        shop.recipe = recipe
        let disk = FailingDisk(at: refused, dead: dead)
        shop.disk = disk
        let status = try? await shop.runAll().record.status
        gotThrough = disk.count < refused
        #expect(!gotThrough || status == .done)
        shop.disk = LocalDisk(isDurable: false)
        #expect(shop.store.artifacts().allSatisfy { shop.store.verify($0).isEmpty }, "at change \(refused)")
        for (name, text) in (try? shop.published()) ?? [:] where !name.hasSuffix(".new") {
          #expect(expected[name] == text, "at change \(refused)")
        }
        #expect(try await shop.runAll().record.status == .done)
        #expect(try shop.published().filter { !$0.key.hasSuffix(".new") } == expected, "at change \(refused)")
        #expect(try await shop.run() == [])
      }
    }
    #expect(refused > 30)
  }

  /// As above, where a damaged result is being replaced.
  @Test func everyRefusedWriteOfAReplacementMends() async throws {
    var refused = 0
    var gotThrough = false
    while !gotThrough {
      refused += 1
      try await Workshop.with { shop in
        shop.recipe = "steps:\n  text: { stage: read, from: input.txt }\n"
        _ = try await shop.run()
        let expected = try shop.published()
        let artifact = shop.store.artifacts()[0]
        try Data("broken".utf8).write(to: artifact.folder.appending(path: "text.txt"))
        let disk = FailingDisk(at: refused, dead: true)
        shop.disk = disk
        _ = try? await shop.runAll()
        gotThrough = disk.count < refused
        shop.disk = LocalDisk(isDurable: false)
        _ = try await shop.run()
        #expect(try shop.published().filter { !$0.key.hasSuffix(".new") } == expected)
        #expect(shop.store.artifacts().allSatisfy { shop.store.verify($0).isEmpty })
        #expect(try await shop.run() == [])
      }
    }
  }

  @Test func artifactSaysWhatItIsMadeOf() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      let artifact = try #require(shop.store.artifacts().first { $0.stage == "join" })
      #expect(artifact.kind == ToyStages.pageKind)
      #expect(artifact.folder.path.hasSuffix("store/join/\(artifact.fingerprint)"))
      #expect(
        artifact.record.files.map(\.path) == ["page/index.html", "page/tables/long.csv", "page/tables/short.csv"])
      #expect(artifact.record.ingredients.inputs["counts"]?.map(\.step) == ["long", "short"])
      let text = String(decoding: try Data(contentsOf: artifact.folder.appending(path: "artifact.json")), as: UTF8.self)
      #expect(!text.contains(shop.folder.lastPathComponent))
    }
  }

  @Test func nothingIsLeftAsideOrLocked() async throws {
    try await Workshop.with { shop in
      _ = try await shop.run()
      for place in [".aside", ".locks", ".scratch"] {
        let folder = shop.folder.appending(path: "store/\(place)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
      }
    }
  }
}
