import Foundation
import TestSupport
import Testing

/// What the default phantom archive promises, and what real files must not do to the program.
@Suite(.serialized) struct ArchiveTests {
  /// Sorting by raw pixels or by bookkeeping must stay hard, or the demo shows nothing.
  @Test func thePhantomIsNotEasy() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      #expect(try program("phantom", "--out", "archive").status == 0)
      let recipe = """
        steps:
          ingest: { stage: ingest, from: archive/images, size: 64 }
          pixels: { stage: pixels, images: ingest, size: 32 }
          pixels_reduce: { stage: pca, embeddings: pixels, n_components: 50, normalize: none }
          pixels_kmeans: { stage: kmeans, points: pixels_reduce, n_clusters: 7, resamples: 0 }
          facts: { stage: facts, images: ingest }
          facts_reduce: { stage: pca, embeddings: facts, n_components: 0.99, normalize: none }
          facts_kmeans: { stage: kmeans, points: facts_reduce, n_clusters: 7, resamples: 0 }
          report: { stage: report, clusters: [pixels_kmeans, facts_kmeans], points: pixels_reduce, images: ingest }
        """
      try recipe.write(to: folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
      let run = try program("run", "recipe.yml", "--out", "out", "--truth", "archive/labels.csv")
      #expect(run.status == 0, "\(run.errors)")
      let metrics = try JSONSerialization.jsonObject(with: program.data("out/metrics.json")) as? [String: [String: Any]]
      let pixels = try #require(metrics?["pixels_kmeans"]?["ari"] as? Double)
      let facts = try #require(metrics?["facts_kmeans"]?["ari"] as? Double)
      #expect(pixels < 0.75)
      #expect(facts < 0.5)
      #expect(try program.column(0, of: "out/manifest.csv").count >= 600)
    }
  }

  /// Every file of the kit is a row of the manifest or of the ledger, whatever it does to its decoder.
  @Test(.enabled(if: RealData.isPresent, "the real files are not here: set MEDOID_DATA"))
  func everyFileOfTheDICOMKitIsAccountedFor() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      let files = RealData.file("dicom/files")
      let recipe = "steps:\n  ingest: { stage: ingest, from: \(files.path), size: 64 }\n"
      try recipe.write(to: folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
      let run = try program("run", "recipe.yml", "--out", "out")
      #expect(run.status == 0, "\(run.errors)")
      // A file of several frames has as many rows; one that is refused of them is `file#frame`.
      let rows = Set(
        try program.column(1, of: "out/manifest.csv")
          + program.column(0, of: "out/rejected.csv").map { String($0.prefix { $0 != "#" }) })
      let there = try FileManager.default.subpathsOfDirectory(atPath: files.path).filter {
        try files.appending(path: $0).resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true
      }
      #expect(rows.sorted() == there.sorted())
      #expect(try program.column(1, of: "out/manifest.csv").count >= 85)
    }
  }

  @Test func theDoctorIsContent() throws {
    try withTemporaryFolder { folder in
      let found = try Program(folder: folder)("doctor")
      #expect(found.status == 0, "\(found.output)")
      #expect(found.output.contains("hdf5") && found.output.contains("vector units"))
    }
  }
}
