import Foundation
import TestSupport
import Testing

/// What a training says of itself, where nothing could be learnt.
struct TrainingGainTests {
  private static func recipe(rate: String) -> String {
    """
    name: small
    seed: 7
    steps:
      ingest: { stage: ingest, from: archive/images, size: 32 }
      model:
        { stage: dino, images: ingest, arch: vit_tiny, depth: 2, patch_size: 8, epochs: 40, batch_size: 16, out_dim: 64,
          head_hidden: 32, local_crops_number: 1, lr: \(rate) }
      embed: { stage: embed, images: ingest, model: model, layer: auto, pool: auto }

    """
  }

  /// The card's gain, and the sentence among the notes.
  private func train(_ program: Program, rate: String) throws -> (gain: [String: Any], sentence: String) {
    try Self.recipe(rate: rate).write(
      to: program.folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
    let outcome = try program("run", "recipe.yml", "--out", "out", "--store", "store")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let card = try JSONSerialization.jsonObject(with: program.data("out/model-model.json")) as? [String: Any]
    let record = try JSONSerialization.jsonObject(with: program.data("out/run.json")) as? [String: Any]
    let steps = try #require(record?["steps"] as? [[String: Any]])
    let notes = try #require(steps.first { $0["name"] as? String == "model" }?["notes"] as? [String])
    return (
      try #require(card?["measured_gain"] as? [String: Any]), try #require(notes.first { $0.hasPrefix("Training ") })
    )
  }

  @Test func noiseTeachesNothing() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      let images = folder.appending(path: "archive/images")
      try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
      var state = UInt32(7)
      for image in 0..<48 {
        var file = Data("P5 32 32 255\n".utf8)
        for _ in 0..<1024 {
          state = 1_664_525 &* state &+ 1_013_904_223
          file.append(UInt8(state >> 24))
        }
        try file.write(to: images.appending(path: "\(image).pgm"))
      }
      let (_, sentence) = try train(program, rate: "2e-3")
      #expect(sentence.hasPrefix("Training did not help"), "\(sentence)")
      // All places were asked, and one of them was chosen.
      let places = try program.text("out/places-embed.csv").split(separator: "\n")
      #expect(places.count == 1 + 3 && places.count { $0.hasSuffix(",true") } == 1)
    }
  }

  @Test func aRateOfNothingTeachesNothing() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      #expect(try program("phantom", "--out", "archive", "--images", "42", "--seed", "3").status == 0)
      let (gain, sentence) = try train(program, rate: "1e-9")
      let interval = try #require(gain["interval"] as? [Double])
      #expect(interval[0] <= 0 && interval[1] - interval[0] < 0.3)
      // Untrained and trained are the same network.
      let contenders = try #require(gain["contenders"] as? [[String: Any]])
      #expect(contenders.map { $0["name"] as? String } == ["raw pixels", "untrained network", "trained network"])
      for measure in ["neighbors_kept", "view_retrieval", "clustering_stability", "effective_rank"] {
        let values = try contenders.map { try #require($0[measure] as? Double) }
        #expect(abs(values[1] - values[2]) < 0.05 * max(values[1], 1), "\(measure) \(values)")
      }
      #expect(sentence.hasPrefix("Training did not help"), "\(sentence)")
    }
  }
}
