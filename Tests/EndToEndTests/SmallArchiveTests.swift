import Foundation
import TestSupport
import Testing

/// The main job on a small phantom archive, from an empty folder to the page, by the program itself.
@Suite(.serialized) struct SmallArchiveTests {
  private static let recipe = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "small-archive/recipe.yml")

  /// A folder with the recipe and a phantom archive of 70 images.
  private func withArchive(_ body: (Program) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try FileManager.default.copyItem(at: SmallArchiveTests.recipe, to: folder.appending(path: "recipe.yml"))
      let drawn = try program("phantom", "--out", "archive", "--images", "70", "--seed", "3")
      #expect(drawn.status == 0, "\(drawn.errors)")
      try body(program)
    }
  }

  @Test func sameBytesAtOneTwoAndThreeThreads() throws {
    try withArchive { program in
      for threads in 1...3 {
        let run = try program(
          "run", "recipe.yml", "--out", "out\(threads)", "--store", "store\(threads)", "-j", "\(threads)", "--truth",
          "archive/labels.csv")
        #expect(run.status == 0, "\(threads) threads: \(run.errors)")
        #expect(run.output.contains("model: Training ") && run.output.contains("\nThe labels "), "\(run.output)")
      }
      let tables = program.files(below: "out1").filter { $0.hasSuffix(".csv") || $0.hasSuffix(".h5") }
      #expect(tables.count >= 9, "\(tables)")
      for threads in 2...3 {
        #expect(program.files(below: "out\(threads)") == program.files(below: "out1"))
        for file in tables {
          #expect(
            try program.data("out\(threads)/\(file)") == program.data("out1/\(file)"), "\(file) at \(threads) threads")
        }
      }
      try checkFolder(program, "out1")
      try checkReruns(program)
    }
  }

  /// Nothing is lost, and everything promised is there.
  private func checkFolder(_ program: Program, _ out: String) throws {
    let taken = try program.column(1, of: "\(out)/manifest.csv")
    let refused = try program.column(0, of: "\(out)/rejected.csv")
    #expect((taken + refused).sorted() == program.files(below: "archive/images"))
    let truth = try program.text("archive/labels.csv").split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(Set(refused) == Set(truth.filter { $0[6] != "" }.map { String($0[0]) }), "the broken files, and only they")
    for step in ["auto", "kmeans", "hdbscan"] {
      #expect(try program.column(0, of: "\(out)/labels-\(step).csv") == program.column(0, of: "\(out)/manifest.csv"))
    }
    #expect(try program.data("\(out)/labels.csv") == program.data("\(out)/labels-hdbscan.csv"))
    let page = try program.text("\(out)/report/index.html")
    #expect(!page.contains("https://") && !page.replacing("http://www.w3.org", with: "").contains("http://"))
    // What training is compared with, with labels for once.
    for text in ["Was training worth it?", "raw pixels", "untrained network", "trained network", "The labels ", "k-NN"]
    {
      #expect(page.contains(text), "\(text)")
    }
    for id in try program.column(0, of: "\(out)/manifest.csv") {
      #expect(program.exists("\(out)/report/thumbs/\(id).jpg"))
    }
    let metrics =
      try JSONSerialization.jsonObject(with: program.data("\(out)/metrics.json")) as? [String: [String: Any]]
    #expect(metrics?.keys.sorted() == ["auto", "hdbscan", "kmeans", "pixels_kmeans"])
    #expect(metrics?["kmeans"]?["ari"] is NSNumber)
    #expect(page.contains("Laid out by UMAP: trustworthiness "))
    #expect(try program.column(0, of: "\(out)/counts-auto.csv").first == "1")
    #expect(try program.column(6, of: "\(out)/sizes-hdbscan.csv").allSatisfy { ["true", "false"].contains($0) })
  }

  private func checkReruns(_ program: Program) throws {
    let again = try program("plan", "recipe.yml", "--out", "out1", "--store", "store1", "--truth", "archive/labels.csv")
    #expect(again.status == 0)
    #expect(again.output.split(separator: "\n").allSatisfy { $0.hasPrefix("HIT") }, "\(again.output)")
    let changed = try program(
      "plan", "recipe.yml", "--out", "out1", "--store", "store1", "--set", "hdbscan.min_cluster_size=6", "--truth",
      "archive/labels.csv")
    let running = changed.output.split(separator: "\n").filter { $0.hasPrefix("RUN") }
    #expect(running.count == 2)
    #expect(changed.output.contains("min_cluster_size 5 → 6") && changed.output.contains("hdbscan runs"))
    let status = try program(
      "status", "recipe.yml", "--out", "out1", "--store", "store1", "--truth", "archive/labels.csv")
    #expect(status.status == 0, "\(status.output)")

    // A step that can't do what it was told says so and leaves the folder as it was.
    let before = program.files(below: "out1")
    let tooMany = try program("run", "recipe.yml", "--out", "out1", "--store", "store1", "--set", "embed.shifts=9")
    #expect(tooMany.status == 1 && tooMany.errors.contains("a patch of 8 pixels has 8 places at most"))
    #expect(program.files(below: "out1") == before)
  }

  /// Networks in each precision, trained and asked, and what changing it means for what was there. Where the processor has no unit for
  /// bf16 that is said before anything runs.
  @Test(arguments: ["f32", "bf16"]) func everyPrecisionGivesTheSameBytesAtAnyThreadCount(_ precision: String) throws {
    try withArchive { program in
      func run(_ out: String, threads: Int, embed: String? = nil) throws -> Program.Outcome {
        try program(
          "run", "recipe.yml", "--out", out, "--store", "store-\(out)", "--until", "kmeans", "-j", "\(threads)",
          "--set",
          "model.precision=\(precision)", "--set", "embed.precision=\(embed ?? precision)")
      }
      let first = try run("out1", threads: 1)
      if precision == "bf16" && first.status != 0 {
        #expect(first.status == 2 && first.errors.contains("no unit for bf16"), "\(first.errors)")
        return
      }
      #expect(first.status == 0, "\(first.errors)")
      let files = ["model-model.safetensors", "embeddings.h5", "training-model.csv", "labels-kmeans.csv"]
      for threads in 2...3 {
        let again = try run("out\(threads)", threads: threads)
        #expect(again.status == 0, "\(again.errors)")
        for file in files {
          #expect(
            try program.data("out\(threads)/\(file)") == program.data("out1/\(file)"), "\(file), \(threads) threads")
        }
      }
      let other = precision == "f32" ? "auto" : "f32"
      let changed = try program(
        "plan", "recipe.yml", "--out", "out1", "--store", "store-out1", "--until", "kmeans", "--set",
        "model.precision=\(precision)", "--set", "embed.precision=\(other)")
      let due = changed.output.split(separator: "\n").filter { $0.hasPrefix("RUN") }
      #expect(due.count == 3, "\(changed.output)")
      #expect(due.first?.contains("embed") == true && due.first?.contains("precision \(precision) → \(other)") == true)
      let before = try program.data("out1/embeddings.h5")
      #expect(try run("out1", threads: 2, embed: other).status == 0)
      if precision == "bf16" { #expect(try program.data("out1/embeddings.h5") != before) }
    }
  }

  @Test func stagesListThePrecision() throws {
    try withTemporaryFolder { folder in
      for stage in ["dino", "embed"] {
        let listed = try Program(folder: folder)("stages", stage)
        #expect(listed.status == 0)
        let line = listed.output.split(separator: "\n").first { $0.contains("precision:") }
        #expect(line?.contains("auto") == true && line?.contains("f32") == true && line?.contains("bf16") == true)
      }
    }
  }

  @Test func mistakesInARecipeAreToldAndNothingIsWritten() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      let text = try String(contentsOf: SmallArchiveTests.recipe, encoding: .utf8)
        .replacing("n_clusters: 7, n_init: 3, resamples: 2 }\n  hdbscan", with: "n_cluster: 7 }\n  hdbscan")
        .replacing("min_cluster_size: 5", with: "min_cluster_size: many")
      try text.write(to: folder.appending(path: "bad.yml"), atomically: true, encoding: .utf8)
      let run = try program("run", "bad.yml")
      #expect(run.status == 2)
      #expect(run.errors.contains("bad.yml:15:") && run.errors.contains("n_clusters"), "\(run.errors)")
      #expect(run.errors.contains("bad.yml:16:") && run.errors.contains("min_cluster_size"), "\(run.errors)")
      #expect(!program.exists("Data") && !program.exists("Reports"))
      let missing = try program("run", "nowhere.yml")
      #expect(missing.status == 2 && missing.errors.contains("nowhere.yml"))
      #expect(try program("sort", "no-such-folder").status == 2)
      #expect(!program.exists("Reports"))
    }
  }

  @Test func theOrderOfTheListingMakesNoDifference() throws {
    try withArchive { program in
      let sites = try FileManager.default.contentsOfDirectory(
        atPath: program.folder.appending(path: "archive/images").path
      )
      .sorted().map { "archive/images/\($0)" }
      #expect(sites.count > 1)
      for (name, order) in [("forward", sites), ("backward", sites.reversed())] {
        let run = try program(
          "run", "recipe.yml", "--out", name, "--store", "store-\(name)", "--until", "pixels_kmeans", "--set",
          "ingest.from=[\(order.joined(separator: ", "))]")
        #expect(run.status == 0, "\(run.errors)")
      }
      let files = program.files(below: "forward").filter { $0 != "run.json" }
      #expect(files == program.files(below: "backward").filter { $0 != "run.json" })
      for file in files { #expect(try program.data("forward/\(file)") == program.data("backward/\(file)"), "\(file)") }
    }
  }
}
