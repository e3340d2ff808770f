import Foundation
import TestSupport
import Testing

/// Weights from elsewhere by the program itself: shown, imported, used by a recipe; and what is wrong with them is said.
@Suite(.serialized) struct WeightsTests {
  private static let files = Fixture.folder.appending(path: "VisionModels/checkpoints")

  private static func path(_ name: String) -> String { files.appending(path: name).path }

  @Test func oneNetworkUnderEveryNameIsOneModel() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      for (index, name) in ["timm.pth", "timm_legacy.pth", "timm_views.pth", "wrapped.pth"].enumerated() {
        let run = try program("weights", "import", Self.path(name), "--heads", "2", "--out", "\(index).safetensors")
        #expect(run.status == 0, "\(name): \(run.errors)")
        #expect(try program.data("\(index).safetensors") == program.data("0.safetensors"), "\(name)")
      }
    }
  }

  @Test func whatLiesBesideIsRead() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      let shown = try program("weights", "show", Self.path("hf_dinov2/model.safetensors"), "--json")
      #expect(shown.status == 0, "\(shown.errors)")
      let value = try JSONSerialization.jsonObject(with: Data(shown.output.utf8)) as? [String: Any]
      #expect((value?["configuration"] as? [String: Any])?["heads"] as? Int == 2)
      #expect((value?["standardization"] as? [String: Any])?["mean"] as? [Double] == [0.5307, 0.5307, 0.5307])
      let said = try program(
        "weights", "show", Self.path("hf_dinov2/model.safetensors"), "--mean", "0.5", "--std", "0.5,0.25,0.5")
      #expect(said.output.contains("deviation [0.5, 0.25, 0.5]"))
    }
  }

  @Test func whatIsWrongIsSaidAndNothingWritten() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      let whole = try Data(contentsOf: Self.files.appending(path: "timm.pth"))
      try whole.dropLast(100).write(to: folder.appending(path: "cut.pth"))
      try Data("version https://git-lfs.github.com/spec/v1\n".utf8).write(to: folder.appending(path: "pointer.bin"))
      try Data("no weights at all".utf8).write(to: folder.appending(path: "text.pth"))
      try Data().write(to: folder.appending(path: "empty.safetensors"))
      for (file, words) in [
        ("cut.pth", "cut short"), ("pointer.bin", "git lfs pull"), ("text.pth", "neither"),
        ("empty.safetensors", "0 bytes"),
        ("absent.pth", "absent.pth"), (".", "folder"),
      ] {
        let run = try program("weights", "import", file, "--out", "model.safetensors")
        #expect(run.status == 1 && run.errors.contains(words), "\(file): \(run.status) \(run.errors)")
        #expect(try program("weights", "show", file).status == 1)
      }
      // A file of tensors that are no model: listed, with the reason.
      let none = try program("weights", "show", Fixture.folder.appending(path: "Storage/weights.safetensors").path)
      #expect(none.status == 3 && none.output.contains("cls_token"))
      let nowhere = try program(
        "weights", "import", Self.path("timm.pth"), "--heads", "2", "--out", "no/folder.safetensors")
      #expect(nowhere.status == 1 && nowhere.errors.contains("no such folder"))
      let unsaid = try program("weights", "import", Self.path("timm.pth"), "--out", "model.safetensors")
      #expect(unsaid.status == 1 && unsaid.errors.contains("--heads"))
      #expect(!program.exists("model.safetensors"))
      for wrong in [["--mean", "1,2"], ["--heads", "0"], ["--family", "resnet"], ["--mean", "x"], ["--std", "1"]] {
        let run = try program(
          "weights", "import", Self.path("timm.pth"), "--out", "model.safetensors", wrong[0], wrong[1])
        #expect(run.status == 2, "\(wrong): \(run.errors)")
      }
    }
  }

  @Test func aRecipeTakesThem() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      #expect(try program("phantom", "--out", "archive", "--images", "35").status == 0)
      let weights = folder.appending(path: "weights", directoryHint: .isDirectory)
      try FileManager.default.copyItem(at: Self.files.appending(path: "hf_dinov3"), to: weights)
      let imported = try program("weights", "import", "weights/model.safetensors", "--out", "ours.safetensors")
      #expect(imported.status == 0, "\(imported.errors)")
      func recipe(_ file: String) -> String {
        """
        steps:
          ingest: { stage: ingest, from: archive/images, size: 32 }
          model: { stage: weights, file: \(file) }
          embed: { stage: embed, images: ingest, model: model, precision: f32 }

        """
      }
      try recipe("weights/model.safetensors").write(
        to: folder.appending(path: "theirs.yml"), atomically: true, encoding: .utf8)
      try recipe("ours.safetensors").write(to: folder.appending(path: "ours.yml"), atomically: true, encoding: .utf8)
      for name in ["theirs", "ours"] {
        let run = try program("run", "\(name).yml", "--out", name)
        #expect(run.status == 0, "\(name): \(run.errors)")
      }
      #expect(try program.data("theirs/model-model.safetensors") == program.data("ours/model-model.safetensors"))
      #expect(try program.data("theirs/model-model.safetensors") == program.data("ours.safetensors"))
      #expect(try program("plan", "theirs.yml", "--out", "theirs").output.contains("HIT  model"))
      // Another configuration beside the file is another model.
      let configuration = weights.appending(path: "config.json")
      let text = try String(contentsOf: configuration, encoding: .utf8)
      try text.replacing("\"layer_norm_eps\": 1e-05", with: "\"layer_norm_eps\": 1e-06").write(
        to: configuration, atomically: true, encoding: .utf8)
      #expect(try program("plan", "theirs.yml", "--out", "theirs").output.contains("RUN  model"))
      try recipe("nowhere.pth").write(
        to: folder.appending(path: "absent.yml"), atomically: true, encoding: .utf8)
      let missing = try program("run", "absent.yml", "--out", "absent")
      #expect(missing.status == 2 && missing.errors.contains("nowhere.pth"), "\(missing.status) \(missing.errors)")
    }
  }

  /// Weights from elsewhere, trained further, and that once more; what contradicts them is refused.
  @Test func trainingContinuesFromThem() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      #expect(try program("phantom", "--out", "archive", "--images", "35").status == 0)
      func steps(_ model: String) -> String {
        """
        steps:
          ingest: { stage: ingest, from: archive/images, size: 32 }
          given: { stage: weights, file: \(Self.path(model)) }
          untouched: { stage: dino, images: ingest, weights: given, epochs: 0 }
          model: { stage: dino, images: ingest, weights: given, epochs: 2, head_warmup: 1, freeze_blocks: 1, lr: 0.02,
            batch_size: 16, out_dim: 32, head_hidden: 16, local_crops_number: 1, precision: f32 }
          further: { stage: dino, images: ingest, weights: model, epochs: 1, batch_size: 16, out_dim: 32,
            head_hidden: 16, local_crops_number: 1, precision: f32 }
          embed: { stage: embed, images: ingest, model: further, precision: f32 }

        """
      }
      // A table of positions for another size than the images', and rotary ones without biases of keys.
      for (name, model) in [("table", "hf_dinov2"), ("rotary", "hf_dinov3")] {
        try steps("\(model)/model.safetensors").write(
          to: folder.appending(path: "\(name).yml"), atomically: true, encoding: .utf8)
        let run = try program("run", "\(name).yml", "--out", name)
        #expect(run.status == 0, "\(name): \(run.errors)")
        let given = try program.data("\(name)/model-given.safetensors")
        #expect(try program.data("\(name)/model-untouched.safetensors") == given, "\(name)")
        let learnt = try program.data("\(name)/model-model.safetensors")
        #expect(learnt.count == given.count && learnt != given)
        #expect(try program.data("\(name)/model-further.safetensors") != learnt)
        #expect(try program.column(0, of: "\(name)/training-untouched.csv") == [])
        #expect(program.exists("\(name)/embeddings.h5"))
        let shown = try program("weights", "show", "\(name)/model-further.safetensors")
        #expect(shown.output.contains("weights of digest"), "\(shown.output)")
        let untouched = try program("weights", "show", "\(name)/model-untouched.safetensors")
        #expect(untouched.output.contains("no further than the weights"), "\(untouched.output)")
        let card = try program.text("\(name)/model-further.json")
        #expect(card.contains("\"layerwise_decay\" : 0.9") && card.contains("\"size\" : 32"), "\(card)")
      }
      // Other weights are another run.
      try steps("timm.pth, heads: 2").write(to: folder.appending(path: "table.yml"), atomically: true, encoding: .utf8)
      let plan = try program("plan", "table.yml", "--out", "table")
      #expect(plan.output.contains("RUN  model") && plan.output.contains("HIT  ingest"), "\(plan.output)")
      for (field, value, words) in [
        ("arch", "vit_base", "16 wide with 2 heads"), ("depth", "3", "2 blocks deep"),
        ("patch_size", "8", "patches of 4"),
      ] {
        let run = try program("run", "rotary.yml", "--out", "wrong", "--set", "model.\(field)=\(value)")
        #expect(
          run.status == 1 && run.errors.contains(words) && run.errors.contains("leave \(field) out"), "\(run.errors)")
      }
      let blocks = try program("run", "rotary.yml", "--out", "wrong", "--set", "model.freeze_blocks=3")
      #expect(blocks.status == 1 && blocks.errors.contains("frozenBlocks"), "\(blocks.errors)")
      let size = try program("run", "rotary.yml", "--out", "wrong", "--set", "ingest.size=30")
      #expect(size.status == 1 && size.errors.contains("30"), "\(size.errors)")
    }
  }

  /// A damaged file of ours: an error, never a crash.
  @Test func aModelThatContradictsItsTensorsIsRefused() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      #expect(
        try program("weights", "import", Self.path("hf_vit/model.safetensors"), "--out", "good.safetensors").status == 0
      )
      let good = try program.data("good.safetensors")
      #expect(try program("weights", "show", "good.safetensors").status == 0)
      #expect(
        try program("weights", "import", "good.safetensors", "--heads", "4", "--out", "x.safetensors").status == 1)
      for (from, to) in [
        ("\\\"width\\\":8", "\\\"width\\\":9"), ("\\\"depth\\\":2", "\\\"depth\\\":9"),
        ("\\\"patchSize\\\":4", "\\\"patchSize\\\":0"),
        ("\\\"heads\\\":2", "\\\"heads\\\":0"), ("\\\"imageSize\\\":16", "\\\"imageSize\\\":99"),
        ("[0.485,", "[0.485 "), ("\\\"hiddenWidth\\\":32", "\\\"hiddenWidth\\\":-2"),
      ] {
        var bytes = good
        let place = try #require(bytes.range(of: Data(from.utf8)), "\(from)")
        // Of equal length, so that the header's length stays true.
        bytes.replaceSubrange(place, with: Data(to.utf8))
        try bytes.write(to: folder.appending(path: "bad.safetensors"))
        let shown = try program("weights", "show", "bad.safetensors")
        #expect(shown.status == 1 || shown.status == 3, "\(to): \(shown.status) \(shown.errors)")
        #expect(try program("weights", "import", "bad.safetensors", "--out", "x.safetensors").status == 1)
      }
    }
  }
}
