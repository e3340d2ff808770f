import Foundation
import Storage
import Tensors
import TestSupport
import Testing

/// Groups after they were found: images that come later, corrections, a new fit, vectors made elsewhere.
struct GroupsTests {
  private static let recipe = """
    name: groups
    seed: 7
    steps:
      ingest:  { stage: ingest, from: archive/images, size: 32 }
      model:   { stage: dino, images: ingest, arch: vit_tiny, depth: 2, patch_size: 4, epochs: 0 }
      embed:   { stage: embed, images: ingest, model: model, layer: 1, pool: layout, precision: f32 }
      reduce:  { stage: pca, embeddings: embed, n_components: 8, whiten: 0.5 }
      hdbscan: { stage: hdbscan, points: reduce, images: ingest, min_cluster_size: 4, resamples: 0 }
      kmeans:  { stage: kmeans, points: reduce, images: ingest, n_clusters: 5, n_init: 3, resamples: 0 }
      history: { stage: lineage, groups: kmeans, points: reduce }

    """

  private func withRun(_ body: (Program) throws -> Void) throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try GroupsTests.recipe.write(to: folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
      #expect(try program("phantom", "--out", "archive", "--images", "70", "--seed", "3").status == 0)
      let run = try program("run", "recipe.yml", "--out", "out")
      #expect(run.status == 0, "\(run.errors)")
      try body(program)
    }
  }

  /// The archive itself comes again, from another place, after the first is gone: every image goes where it was.
  @Test func laterImagesGoWhereTheyWouldHaveBeen() throws {
    try withRun { program in
      let archive = program.folder.appending(path: "archive")
      try FileManager.default.moveItem(
        at: archive.appending(path: "images"), to: program.folder.appending(path: "later"))
      try FileManager.default.removeItem(at: archive)
      let planned = try program("assign", "out", "later", "-n")
      #expect(planned.output.contains("HIT  reduce") && planned.output.contains("RUN  assign"), "\(planned.output)")
      let assigned = try program("assign", "out", "later", "--out", "new")
      #expect(assigned.status == 0, "\(assigned.errors)")
      #expect(assigned.output.contains("images placed in groups"), "\(assigned.output)")
      #expect(try program.column(0, of: "new/assigned.csv") == program.column(0, of: "out/labels-kmeans.csv"))
      #expect(try program.column(2, of: "new/assigned.csv") == program.column(2, of: "out/labels-kmeans.csv"))
      // Every image stands among members that it is one of.
      #expect(try program.column(5, of: "new/assigned.csv").allSatisfy { Double($0)! > 0 })
      let dense = try program("assign", "out", "later", "--out", "dense", "--groups", "hdbscan")
      #expect(dense.status == 0, "\(dense.errors)")
      let (before, after) = (
        try program.column(2, of: "out/labels-hdbscan.csv"), try program.column(2, of: "dense/assigned.csv")
      )
      // Noise may be near enough to a group to be counted to it; members stay.
      #expect(zip(before, after).allSatisfy { $0 == "-1" || $0 == $1 })
      let unknown = try program("assign", "out", "later", "--groups", "kmean")
      #expect(unknown.status == 2 && unknown.errors.contains("hdbscan, kmeans"), "\(unknown.errors)")
      try FileManager.default.removeItem(at: program.folder.appending(path: "Data/cache/pca"))
      let gone = try program("assign", "out", "later", "--out", "none")
      #expect(gone.status == 2 && gone.errors.contains("no longer in the store"), "\(gone.errors)")
    }
  }

  @Test func correctionsAreHonouredOrReported() throws {
    try withRun { program in
      let ids = try program.column(0, of: "out/labels-kmeans.csv")
      let before = try program.column(2, of: "out/labels-kmeans.csv")
      let raw = try program.column(3, of: "out/labels-kmeans.csv")
      let other = ids.indices.first { before[$0] != before[0] }!
      let third = ids.indices.first { $0 != 0 && $0 != other }!
      try """
      action,image,other,group,name,note
      must_link,\(ids[0]),\(ids[other]),,,
      reject,\(ids[third]),,,,not of this study
      rename,,,\(before[0]),hands,
      cannot_link,\(ids[0]),\(ids[other]),,,
      reject,nobody,,,,

      """.write(to: program.folder.appending(path: "corrections.csv"), atomically: true, encoding: .utf8)
      let steps = """
          corrected: { stage: correct, groups: kmeans, points: reduce, file: corrections.csv }
          report: { stage: report, clusters: corrected, points: reduce, images: ingest }

        """
      try (GroupsTests.recipe + steps).write(
        to: program.folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
      let run = try program("run", "recipe.yml", "--out", "out")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("corrected: correction: "), "\(run.output)")
      let after = try program.column(2, of: "out/labels-corrected.csv")
      #expect(after[0] == after[other] && after[third] == "-1")
      #expect(try program.column(3, of: "out/labels-corrected.csv") == raw, "what the algorithm said stays")
      let moved = try program.column(0, of: "out/corrected-corrected.csv")
      #expect(Set(moved).isSubset(of: [ids[0], ids[other], ids[third]]) && moved.contains(ids[third]))
      #expect(try program.column(9, of: "out/clusters-corrected.csv").contains("hands"))
      #expect(try program.text("out/report/index.html").contains("· hands"))
      let strict = try program("run", "recipe.yml", "--out", "out", "--set", "corrected.on_problem=fail")
      #expect(strict.status == 1 && strict.errors.contains("can't be honoured"), "\(strict.errors)")
    }
  }

  @Test func groupsKeepTheirIdsThroughANewFit() throws {
    try withRun { program in
      let first = try program.column(2, of: "out/lineage-history.csv")
      for name in ["lineage-history.csv", "lineage-history-groups.csv"] {
        try FileManager.default.copyItem(
          at: program.folder.appending(path: "out/\(name)"), to: program.folder.appending(path: name))
      }
      let again = try program(
        "run", "recipe.yml", "--out", "again", "--set", "kmeans.n_clusters=6", "--set",
        "history.previous=lineage-history.csv")
      #expect(again.status == 0, "\(again.errors)")
      let events = try program.column(0, of: "again/lineage-history-events.csv")
      #expect(!events.isEmpty && again.output.contains("history: "), "\(again.output)")
      let ids = Set(try program.column(2, of: "again/lineage-history.csv"))
      #expect(ids.count == 6 && ids.intersection(first).count >= 4)
      let same = try program("run", "recipe.yml", "--out", "same", "--set", "history.previous=out/labels-kmeans.csv")
      #expect(same.status == 0, "\(same.errors)")
      #expect(try program.column(2, of: "same/lineage-history.csv") == first)
      #expect(try program.column(0, of: "same/lineage-history-events.csv").allSatisfy { $0 == "continues" })
    }
  }

  /// One cloud, brought along as vectors: one group, and the page says that there is no structure.
  @Test func vectorsFromElsewhereAreGroupedToo() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      var generator = Seed(5).generator()
      let rows = Matrix(rows: 300, columns: 6, storage: (0..<1800).map { _ in Float(generator.normal()) })
      try HDF5File.write(to: folder.appending(path: "given.h5")) { file in
        try file.write(rows.storage, shape: [300, 6], to: "/features")
      }
      try """
      seed: 7
      steps:
        given:  { stage: features, file: given.h5 }
        reduce: { stage: pca, embeddings: given, n_components: 4, normalize: none }
        groups: { stage: kmeans, points: reduce, n_clusters: auto, resamples: 2 }
        report: { stage: report, clusters: groups, points: reduce }

      """.write(to: folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
      let run = try program("run", "recipe.yml", "--out", "out")
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("No structure: "), "\(run.output)")
      #expect(try Set(program.column(2, of: "out/labels.csv")) == ["0"])
      #expect(try program.column(0, of: "out/labels.csv").first == "row-1")
      #expect(try program.text("out/report/index.html").contains("No structure: "))
      let wrong = try program("run", "recipe.yml", "--out", "out", "--set", "given.dataset=/vectors")
      #expect(wrong.status == 1 && wrong.errors.contains("/vectors"), "\(wrong.errors)")
    }
  }
}
