import Foundation
import TestSupport
import Testing

/// Alarms of a training run by the program itself: told everywhere, and stopped by when asked.
struct AlarmTests {
  private static let recipe = """
    name: small
    seed: 7
    steps:
      ingest: { stage: ingest, from: archive/images, size: 32 }
      model:
        { stage: dino, images: ingest, arch: vit_tiny, depth: 1, patch_size: 16, epochs: 20, batch_size: 8, out_dim: 1024,
          head_hidden: 16, local_crops_number: 1, precision: f32 }

    """

  @Test func stopsWhenAskedAndGoesOnFromThere() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try Self.recipe.write(to: folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
      #expect(try program("phantom", "--out", "archive", "--images", "42", "--seed", "3").status == 0)
      for _ in 0..<2 {
        let stopped = try program("run", "recipe.yml", "--out", "out", "--set", "model.on_alarm=stop")
        #expect(stopped.status != 0)
        #expect(
          stopped.errors.contains("stopped by an alarm, head too wide (step 1): out_dim is 1024"), "\(stopped.errors)")
      }
      #expect(!program.exists("out/model-model.safetensors"))
      let whole = try program("run", "recipe.yml", "--out", "out")
      #expect(whole.status == 0, "\(whole.errors)")
      #expect(whole.output.contains("model: alarm: head too wide (step 1): "))
      let record = try program.text("out/run.json")
      #expect(record.contains("went on after step 1\"") && record.contains("alarm: head too wide"))
      #expect(try program.text("out/model-model.json").contains("\"alarm\" : \"head_too_wide\""))
      #expect(try program("weights", "show", "out/model-model.safetensors").output.contains("head too wide"))
      #expect(try program.column(11, of: "out/training-model.csv").allSatisfy { !$0.isEmpty })
      // How alarms are taken is no part of the result.
      let again = try program("plan", "recipe.yml", "--out", "out", "--set", "model.on_alarm=stop")
      #expect(again.output.split(separator: "\n").allSatisfy { $0.hasPrefix("HIT") }, "\(again.output)")
    }
  }
}
