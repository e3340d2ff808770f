import Foundation
import TestSupport
import Testing

/// `exclude` by the program itself: what was held out left no trace in the model, and no patient's name anywhere.
@Suite(.serialized) struct HeldOutTests {
  private static let planted = "Mustermann-4711"

  /// Eight patients of three pictures each, listed in `all.csv`; `without.csv` lists neither the third nor the sixth, nor image 1 of `odd`.
  private func build(_ program: Program) throws {
    var (all, without) = ("path,patient\n", "path,patient\n")
    for number in 0..<24 {
      // Of the held-out ones, shades that would move means and deviations.
      let patient = number / 3
      let isOut = patient == 2 || patient == 5
      var picture = Data("P5\n16 16\n255\n".utf8)
      for place in 0..<256 {
        picture.append(
          UInt8(truncatingIfNeeded: isOut ? 255 - place % 7 - number : place * (1 + number % 3) + number * 5))
      }
      try picture.write(to: program.folder.appending(path: "image\(number).pgm"))
      let row = "image\(number).pgm,\(Self.planted)-\(patient)\n"
      all += row
      if !isOut { without += row }
    }
    try write(all, "all.csv", program)
    try write(without, "without.csv", program)
    try write(
      """
      steps:
        ingest: { stage: ingest, from: all.csv, size: 16 }
        model:
          { stage: dino, images: ingest, arch: vit_tiny, depth: 1, patch_size: 8, epochs: 2, batch_size: 6, out_dim: 32,
            head_hidden: 16, local_crops_number: 1 }
        embed: { stage: embed, images: ingest, model: model }
        reduce: { stage: pca, embeddings: embed, n_components: 4 }
        kmeans: { stage: kmeans, points: reduce, n_clusters: 3, resamples: 0 }
        report: { stage: report, clusters: [kmeans], points: reduce, images: ingest, model: model }

      """, "recipe.yml", program)
    try write(
      "PatientID,split\n"
        + (0..<8).map { "\(Self.planted)-\($0),\($0 == 2 ? "test" : $0 == 5 ? "val" : "train")\n" }
        .joined(), "splits.csv", program)
  }

  private func write(_ text: String, _ name: String, _ program: Program) throws {
    try text.write(to: program.folder.appending(path: name), atomically: true, encoding: .utf8)
  }

  @Test func theModelIsThatOfAnArchiveWithoutThem() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try build(program)
      let bare = try program(
        "run", "recipe.yml", "--out", "bare", "--store", "other", "--until", "model", "--set", "ingest.from=without.csv"
      )
      #expect(bare.status == 0, "\(bare.errors)")
      let run = try program(
        "run", "recipe.yml", "--out", "out", "--store", "store", "--set",
        "model.exclude={ file: splits.csv, split: [test, val] }")
      #expect(run.status == 0, "\(run.errors)")
      for file in ["model-model.safetensors", "training-model.csv"] {
        #expect(try program.data("out/\(file)") == program.data("bare/\(file)"), "\(file)")
      }
      #expect(run.output.contains("model: 6 images held out of training, of 2 patients"), "\(run.output)")
      #expect(try program.text("out/report/index.html").contains("6 images held out"))
      let record = try program.text("out/run.json")
      #expect(record.contains("\"excluded 6\"") && record.contains("\"excluded_patients 2\""))
      let ids = try program.column(0, of: "out/manifest.csv")
      let excluded = try program.column(0, of: "out/excluded-model.csv")
      #expect(excluded.count == 6 && Set(excluded).isSubset(of: ids) && ids.count == 24)
      // They are embedded and sorted as all others are.
      #expect(try program.column(0, of: "out/labels.csv") == ids)
      #expect(!program.exists("bare/excluded-model.csv"))
      // A card travels: it says how many, not which; else it is that of the other archive.
      #expect(
        try program.text("out/model-model.json").replacing("\"held_out\" : 6", with: "\"held_out\" : 0")
          == program.text("bare/model-model.json"))

      // Named by id or by keyed hash, it is the same model; in the whole archive's, they were seen.
      let patients = Set(
        try zip(ids, program.column(11, of: "out/manifest.csv")).filter { excluded.contains($0.0) }.map(\.1)
      ).sorted()
      for (name, exclude) in [
        ("ids", "ids: [\(excluded.map { "\"\($0)\"" }.joined(separator: ", "))]"),
        ("patients", "patients: [\(patients.map { "\"\($0)\"" }.joined(separator: ", "))]"),
      ] {
        let again = try program(
          "run", "recipe.yml", "--out", name, "--store", "store", "--until", "model", "--set",
          "model.exclude={ \(exclude) }")
        #expect(again.status == 0, "\(again.errors)")
        #expect(try program.data("\(name)/model-model.safetensors") == program.data("bare/model-model.safetensors"))
        #expect(try program.column(0, of: "\(name)/excluded-model.csv") == excluded)
      }
      let whole = try program("run", "recipe.yml", "--out", "whole", "--store", "store", "--until", "model")
      #expect(whole.status == 0)
      #expect(try program.data("whole/model-model.safetensors") != program.data("bare/model-model.safetensors"))

      try checkPlans(program)
      let scan = ByteScan([Self.planted])
      #expect(scan.findings(in: Data((run.output + run.errors).utf8)) == [])
      for place in ["out", "store"] {
        for file in program.files(below: place) {
          #expect(scan.findings(in: try program.data("\(place)/\(file)")) == [], "\(place)/\(file)")
        }
      }
    }
  }

  /// The file's content enters the fingerprint, its name doesn't.
  private func checkPlans(_ program: Program) throws {
    func plan(_ file: String) throws -> [Substring] {
      try program(
        "plan", "recipe.yml", "--out", "out", "--store", "store", "--set",
        "model.exclude={ file: \(file), split: [test, val] }"
      ).output.split(separator: "\n")
    }
    try FileManager.default.copyItem(
      at: program.folder.appending(path: "splits.csv"), to: program.folder.appending(path: "copy.csv"))
    #expect(try plan("copy.csv").allSatisfy { $0.hasPrefix("HIT") })
    try write(try program.text("splits.csv").replacing("-1,train", with: "-1,test"), "copy.csv", program)
    let due = try plan("copy.csv").filter { $0.hasPrefix("RUN") }
    #expect(due.first?.contains("model") == true && due.first?.contains("exclude_file") == true, "\(due)")
  }

  @Test func refusalsSayWhatToDoAndNameNobody() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try build(program)
      try write("PatientID\n\(Self.planted)-2\n\(Self.planted)-99\n", "unknown.csv", program)
      try write("\(Self.planted)-2\n", "headless.csv", program)
      try write("path\nimage6.pgm\n", "some.csv", program)
      try write("path\nimage6.pgm\nimage7.pgm\nimage8.pgm\n", "paths.csv", program)
      try FileManager.default.createDirectory(
        at: folder.appending(path: "twins"), withIntermediateDirectories: true)
      let cases: [(status: Int32, exclude: String, from: String, words: [String])] = [
        // Seen before anything runs.
        (2, "file: nowhere.csv", "all.csv", ["there is no nowhere.csv"]),
        (2, "file: split.csv", "all.csv", ["did you mean \"splits.csv\""]),
        (2, "file: headless.csv", "all.csv", ["its first line must name them"]),
        (2, "file: splits.csv, split: [tset]", "all.csv", ["\"tset\"", "test, val, train"]),
        (2, "split: [test]", "all.csv", ["no file"]),
        (2, "on_missing_patient: keep", "all.csv", ["nothing is named"]),
        (2, "patients: [\(Self.planted)-2]", "all.csv", ["16 hexadecimal digits", "file: held_out.csv"]),
        (2, "fil: splits.csv", "all.csv", ["did you mean \"file\""]),
        // Seen when the images are known.
        (1, "file: unknown.csv", "all.csv", ["line 3 of the file", "on_unmatched: ignore"]),
        (
          1, "file: some.csv", "all.csv",
          ["1 patient would be on both sides", "with 1 image held out and 2 trained on"]
        ),
        (1, "ids: [\"0123456789abcdef\"]", "all.csv", ["no image has the id"]),
        (1, "file: paths.csv", ".", ["24 of 24 images name no patient", "on_missing_patient: exclude"]),
        (1, "file: paths.csv", "[all.csv, twins.csv]", ["same pixels", "hold out both"]),
      ]
      try write("path,patient\ntwins/again.pgm,\(Self.planted)-7\n", "twins.csv", program)
      for (status, exclude, from, words) in cases {
        if from.contains("twins") {
          try FileManager.default.copyItem(
            at: folder.appending(path: "image7.pgm"), to: folder.appending(path: "twins/again.pgm"))
        }
        // Within the recipe: what stands on the command line, messages repeat.
        try write(
          try program.text("recipe.yml").replacing(
            "local_crops_number: 1 }", with: "local_crops_number: 1,\n      exclude: { \(exclude) } }"), "refused.yml",
          program)
        let run = try program(
          "run", "refused.yml", "--out", "refused", "--store", "refused-store", "--until", "model", "--set",
          "ingest.from=\(from)", "--set", "ingest.include=[\"*.pgm\"]")
        #expect(run.status == status, "\(exclude): \(run.errors)")
        for word in words { #expect(run.errors.contains(word), "\(exclude): \(run.errors)") }
        #expect(!run.errors.contains(Self.planted) && !run.output.contains(Self.planted), "\(run.errors)")
        #expect(!program.exists("refused/model-model.safetensors"))
        if status == 2 { #expect(!program.exists("refused")) }
      }
      // Pictures of no patient, held out by their paths, also where these are hidden.
      for hide in [false, true] {
        let run = try program(
          [
            "run", "recipe.yml", "--out", "keep\(hide)", "--store", "store\(hide)", "--until", "model", "--set",
            "ingest.from=.", "--set", "ingest.include=[\"image*.pgm\"]", "--set",
            "model.exclude={ file: paths.csv, on_missing_patient: keep }",
          ] + (hide ? ["--hide-paths"] : []))
        #expect(run.status == 0, "\(run.errors)")
        #expect(try program.column(0, of: "keep\(hide)/excluded-model.csv").count == 3)
      }
    }
  }
}
