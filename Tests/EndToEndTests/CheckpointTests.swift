import Foundation
import TestSupport
import Testing

/// Training that is killed, interrupted or finds a bad checkpoint, by the program itself: it ends in the bytes of a run that nothing happened to.
@Suite(.serialized) struct CheckpointTests {
  /// 120 steps of a few milliseconds: enough for the slowest watcher to see some of them.
  private static let recipe = """
    name: small
    seed: 7
    steps:
      ingest: { stage: ingest, from: archive/images, size: 32 }
      model:
        { stage: dino, images: ingest, arch: vit_tiny, depth: 1, patch_size: 16, epochs: 24, batch_size: 8, out_dim: 32,
          head_hidden: 16, local_crops_number: 1, precision: f32 }

    """
  private static let files = ["model-model.safetensors", "training-model.csv", "model-model.json"]
  private static let checkpoint = "checkpoint.safetensors"

  /// A folder with the recipe, an archive, a store with its pixels, and the run that nothing happened to in `whole`.
  private func withArchive(_ body: (Program) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try Self.recipe.write(to: folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
      #expect(try program("phantom", "--out", "archive", "--images", "42", "--seed", "3").status == 0)
      let pixels = try program("run", "recipe.yml", "--out", "pixels", "--store", "pixels-store", "--until", "ingest")
      #expect(pixels.status == 0, "\(pixels.errors)")
      try copy(program, "pixels-store", to: "whole-store")
      let whole = try run(program, "whole", threads: 2)
      #expect(whole.status == 0, "\(whole.errors)")
      try body(program)
    }
  }

  private func copy(_ program: Program, _ source: String, to target: String) throws {
    try FileManager.default.copyItem(
      at: program.folder.appending(path: source), to: program.folder.appending(path: target))
  }

  private func arguments(_ name: String, threads: Int, minutes: Double = 5) -> [String] {
    [
      "run", "recipe.yml", "--out", name, "--store", "\(name)-store", "-j", "\(threads)", "--set",
      "model.checkpoint_minutes=\(minutes)",
    ]
  }

  private func run(_ program: Program, _ name: String, threads: Int) throws -> Program.Outcome {
    try program(arguments(name, threads: threads))
  }

  private func expectBytesOfTheWholeRun(_ program: Program, _ name: String, _ comment: String = "") throws {
    for file in Self.files {
      #expect(try program.data("\(name)/\(file)") == program.data("whole/\(file)"), "\(file) \(comment)")
    }
    #expect(program.files(below: "\(name)-store/.scratch") == [], "\(comment)")
  }

  /// What the training noted in `run.json`.
  private func notes(_ program: Program, _ name: String) throws -> [String] {
    let record = try JSONSerialization.jsonObject(with: program.data("\(name)/run.json")) as? [String: Any]
    let steps = try #require(record?["steps"] as? [[String: Any]])
    return try #require(steps.first { $0["name"] as? String == "model" }?["notes"] as? [String])
  }

  /// Where the training keeps its state.
  private func scratch(_ program: Program, _ name: String) -> URL? {
    let place = program.folder.appending(path: "\(name)-store/.scratch")
    return (try? FileManager.default.contentsOfDirectory(atPath: place.path))?.first { $0.hasPrefix("dino-") }
      .map { place.appending(path: $0) }
  }

  /// What lies there: a name for every file, and the number of the checkpoint's place on disk, which every new one changes.
  private func look(_ program: Program, _ name: String) -> (names: [String], checkpoint: Int)? {
    guard let scratch = scratch(program, name) else { return nil }
    let manager = FileManager.default
    let attributes = try? manager.attributesOfItem(atPath: scratch.appending(path: Self.checkpoint).path)
    return (
      (try? manager.contentsOfDirectory(atPath: scratch.path)) ?? [], (attributes?[.systemFileNumber] as? Int) ?? 0
    )
  }

  private enum Moment: CaseIterable {
    case begin, firstBytes, whileWriting, afterRename, betweenSteps, whileWritingAgain, afterSeveral
  }

  /// Waits for a moment of a run that keeps every step, and kills it there. - Returns: false if it had ended before.
  private func kill(_ process: Process, at moment: Moment, _ program: Program, _ name: String) -> Bool {
    var changes = 0
    var last = look(program, name)?.checkpoint ?? 0
    func isThere() -> Bool {
      guard let seen = look(program, name) else { return false }
      if seen.checkpoint != last { (last, changes) = (seen.checkpoint, changes + 1) }
      let isWriting = seen.names.contains { $0.contains(".partial-") }
      switch moment {
      case .begin: return true
      case .firstBytes: return isWriting
      case .whileWriting, .whileWritingAgain: return isWriting && changes >= 2
      case .afterRename: return changes == 1
      case .betweenSteps: return changes >= 2 && !isWriting
      case .afterSeveral: return changes >= 5
      }
    }
    while process.isRunning && !isThere() { usleep(200) }
    if moment == .whileWriting { usleep(2000) }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    return process.terminationReason == .uncaughtSignal
  }

  @Test func killedAtAnyMomentItEndsInTheSameBytes() throws {
    try withArchive { program in
      try copy(program, "pixels-store", to: "killed-store")
      var kills = 0
      for (index, moment) in Moment.allCases.enumerated() {
        let process = try program.start(arguments("killed", threads: 1 + index % 3, minutes: 0))
        kills += kill(process, at: moment, program, "killed") ? 1 : 0
        #expect(!program.exists("killed/\(Self.files[0])"), "it ended before \(moment)")
      }
      #expect(kills == Moment.allCases.count)
      // What being killed while it writes leaves, if the disk was slow.
      let place = try #require(scratch(program, "killed"))
      let bytes = try Data(contentsOf: place.appending(path: Self.checkpoint))
      try bytes.prefix(bytes.count / 2).write(to: place.appending(path: ".\(Self.checkpoint).partial-1"))
      let end = try run(program, "killed", threads: 3)
      #expect(end.status == 0, "\(end.errors)")
      try expectBytesOfTheWholeRun(program, "killed")
      let notes = try notes(program, "killed")
      #expect(notes.contains { $0.hasPrefix("went on after step ") } && notes.contains("steps 120"), "\(notes)")
    }
  }

  @Test func interruptionLosesNothingAndABadCheckpointDoesNoHarm() throws {
    try withArchive { program in
      // Never on the clock: what is there was written because the user asked to stop.
      try copy(program, "pixels-store", to: "stopped-store")
      let process = try program.start(arguments("stopped", threads: 2, minutes: 1440))
      while process.isRunning && scratch(program, "stopped") == nil { usleep(200) }
      Foundation.kill(process.processIdentifier, SIGINT)
      process.waitUntilExit()
      #expect(process.terminationStatus == 130)
      let place = try #require(scratch(program, "stopped"))
      let good = try Data(contentsOf: place.appending(path: Self.checkpoint))
      #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == [Self.checkpoint])

      // The same with another seed: a good checkpoint of another run.
      try copy(program, "pixels-store", to: "other-store")
      let other = try program.start(arguments("other", threads: 2, minutes: 1440) + ["--seed", "8"])
      while other.isRunning && scratch(program, "other") == nil { usleep(200) }
      Foundation.kill(other.processIdentifier, SIGINT)
      other.waitUntilExit()
      let foreign = try Data(
        contentsOf: #require(scratch(program, "other")).appending(path: Self.checkpoint))

      var flipped = good
      flipped[good.count / 2] ^= 4
      let bad = [
        ("cut", good.dropLast(good.count / 3), "it is damaged"), ("flipped", flipped, "it is damaged"),
        ("empty", Data(), "it is damaged"), ("foreign", foreign, "it is of another run"),
      ]
      for (name, bytes, reason) in bad {
        try copy(program, "stopped-store", to: "\(name)-store")
        try bytes.write(to: #require(scratch(program, name)).appending(path: Self.checkpoint))
        let run = try run(program, name, threads: 2)
        #expect(run.status == 0, "\(name): \(run.errors)")
        try expectBytesOfTheWholeRun(program, name, name)
        let notes = try notes(program, name)
        #expect(notes.contains("checkpoint ignored: \(reason)"), "\(name): \(notes)")
        #expect(!notes.contains { $0.hasPrefix("went on") }, "\(name): \(notes)")
      }
      // Once more, with what a killed writer left: that is cleared away before training goes on.
      let leftover = place.appending(path: ".\(Self.checkpoint).partial-1")
      try good.prefix(99).write(to: leftover)
      let again = try program.start(arguments("stopped", threads: 3, minutes: 1440))
      while again.isRunning && FileManager.default.fileExists(atPath: leftover.path) { usleep(200) }
      Foundation.kill(again.processIdentifier, SIGINT)
      again.waitUntilExit()
      #expect(again.terminationStatus == 130)
      #expect(try FileManager.default.contentsOfDirectory(atPath: place.path) == [Self.checkpoint])
      #expect(try Data(contentsOf: place.appending(path: Self.checkpoint)) != good)
      let run = try run(program, "stopped", threads: 1)
      #expect(run.status == 0, "\(run.errors)")
      try expectBytesOfTheWholeRun(program, "stopped")
      #expect(try notes(program, "stopped").contains { $0.hasPrefix("went on after step ") })
      try checkCard(program)
    }
  }

  /// How often a checkpoint is written is no part of the result, and the card says what the model is.
  private func checkCard(_ program: Program) throws {
    let plan = try program(
      "plan", "recipe.yml", "--out", "whole", "--store", "whole-store", "--set", "model.checkpoint_minutes=9")
    #expect(plan.output.split(separator: "\n").allSatisfy { $0.hasPrefix("HIT") }, "\(plan.output)")
    let text = try program.text("whole/model-model.json")
    #expect(!text.contains("archive") && !text.contains("checkpoint") && text.hasSuffix("}\n"))
    let card = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(card["format"] as? String == "medoid-model-card" && card["steps"] as? Int == 120)
    let gain = try #require(card["measured_gain"] as? [String: Any])
    #expect((gain["interval"] as? [Double])?.count == 2 && gain["trained"] is Double && gain["other"] is Double)
    #expect(card["precision"] as? String == "f32")
    #expect((card["medoid"] as? String)?.isEmpty == false)
    let identity = try #require(card["identity"] as? [String: Any])
    #expect(identity["seed"] as? Int == 7)
    let images = try program.column(0, of: "whole/manifest.csv").count
    #expect((identity["data"] as? [String: Any])?["images"] as? Int == images)
    #expect((card["parameters"] as? [String: Any])?["momentum_teacher"] as? String == "auto")
    let loss = try program.column(2, of: "whole/training-model.csv").last
    // As text: JSONSerialization reads numbers to the last digit but one.
    #expect(text.contains("\"loss\" : \(loss ?? "?"),"))
    #expect((card["preprocessing"] as? [String: Any])?["size"] as? Int == 32)

    let shown = try program("weights", "show", "whole/model-model.safetensors")
    #expect(
      shown.output.contains("120 steps on \(images) images") && shown.output.contains("seed 7"), "\(shown.output)")
    let json = try program("weights", "show", "whole/model-model.safetensors", "--json")
    #expect(json.output.contains("\"card\":{") && json.output.contains("\"measuredGain\":{"))
    // A card of other weights is none.
    try Data((text.replacing("\"weights\" : \"", with: "\"weights\" : \"0")).utf8)
      .write(to: program.folder.appending(path: "whole/model-model.json"))
    let other = try program("weights", "show", "whole/model-model.safetensors")
    #expect(other.status == 0 && !other.output.contains("120 steps"))
  }
}
