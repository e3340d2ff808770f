import Foundation
import Imaging
import TestSupport
import Testing

/// `medoid augment` by the program itself: a sheet of a folder and of a clip, and what is wrong is said.
@Suite(.serialized) struct AugmentTests {
  private func write(_ name: String, grey: Int, in folder: URL) throws {
    let samples = (0..<40 * 40).map { UInt8((grey + $0 % 40 * 3 + $0 / 40) % 256) }
    try RasterWriter.write(
      samples, width: 40, height: 40, channels: 1, as: .png, to: folder.appending(path: name))
  }

  private func size(of sheet: URL) throws -> [Int] {
    let image = try DirectDecoder().decode(sheet.path, nil)
    return [image.width, image.height]
  }

  @Test func aSheetOfAFolder() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try FileManager.default.createDirectory(
        at: folder.appending(path: "images"), withIntermediateDirectories: true)
      for i in 0..<5 { try write("images/\(i).png", grey: 40 * i, in: folder) }
      try Data("no image".utf8).write(to: folder.appending(path: "images/2.txt"))
      for preset in ["medical", "radiograph", "pathology", "slice", "video", "natural", "none"] {
        let run = try program(
          "augment", "images", "--preset", preset, "--png", "\(preset).png", "--size", "32", "--images", "4",
          "--crops", "6")
        #expect(run.status == 0 && run.output == "", "\(preset): \(run.errors)")
        #expect(
          try size(of: folder.appending(path: "\(preset).png")) == [
            4 + 32 + 12 + 32 + 4 + 32 + 12 + 4 * 36, 4 + 4 * 36,
          ])
      }
      #expect(try program.data("medical.png") != program.data("none.png"))
      let again = try program(
        "augment", "images", "--preset", "radiograph", "--png", "again.png", "--size", "32", "--images", "4",
        "--crops", "6")
      #expect(again.status == 0)
      #expect(try program.data("again.png") == program.data("radiograph.png"))
      // All five are shown where more are asked for, and the sixth file is said to be none.
      let all = try program("augment", "images", "--png", "all.png", "--size", "32", "--images", "9", "--crops", "2")
      #expect(all.status == 0 && all.errors.contains("unknown_format"), "\(all.errors)")
      #expect(try size(of: folder.appending(path: "all.png"))[1] == 4 + 5 * 36)
      #expect(!all.errors.contains("2.txt"))
    }
  }

  @Test func whatIsWrongIsSaid() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try write("a.png", grey: 10, in: folder)
      for (arguments, status, words) in [
        (["a.png", "--preset", "radiogram", "--png", "s.png"], 2, "radiograph, pathology"),
        (["a.png", "--png", "s.png", "--size", "33"], 2, "even"),
        (["a.png", "--png", "s.png", "--crops", "1"], 2, "--crops"),
        (["a.png"], 2, "--png"),
        (["absent", "--png", "s.png"], 1, "missing_file"),
        (["a.png", "--png", "no/such/folder.png", "--size", "16"], 1, "can't be written"),
      ] as [([String], Int32, String)] {
        let run = try program(["augment"] + arguments)
        #expect(run.status == status && run.errors.contains(words), "\(arguments): \(run.status) \(run.errors)")
      }
      #expect(!program.exists("s.png"))
    }
  }

  /// A recipe's step takes the same names, and the preset's crop scales unless it says its own.
  @Test func aRecipeNamesItsPreset() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try write("a.png", grey: 10, in: folder)
      let recipe = """
        name: films
        seed: 7
        steps:
          ingest: { stage: ingest, from: a.png, size: 32 }
          model: { stage: dino, images: ingest, patch_size: 8, augmentation: radiograph }
        """
      try Data(recipe.utf8).write(to: folder.appending(path: "recipe.yml"))
      for setting in ["global_crops_scale=auto", "local_crops_scale=[0.1, 0.3]", "augmentation=none"] {
        let plan = try program("plan", "recipe.yml", "--set", "model.\(setting)")
        #expect(plan.status == 0, "\(setting): \(plan.errors)")
      }
      for (setting, words) in [
        ("global_crops_scale=[0.5]", "two shares"), ("local_crops_scale=[0.4, 0.1]", "two shares"),
        ("local_crops_scale=[0.4, 2]", "from 0.01 to 1"), ("augmentation=radiogram", "did you mean \"radiograph\"?"),
      ] {
        let plan = try program("plan", "recipe.yml", "--set", "model.\(setting)")
        #expect(plan.status == 2 && plan.errors.contains(words), "\(setting): \(plan.status) \(plan.errors)")
      }
    }
  }
}
