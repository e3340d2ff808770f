import Foundation
import Imaging
import Storage
import TestSupport
import Testing

/// Series of slices from files to one vector each.
@Suite(.serialized) struct SeriesTests {
  /// Slices per series; each has its own pictures.
  private static let series = [("1.2.3.1", 9), ("1.2.3.2", 6), ("1.2.3.3", 12)]

  /// Writes all slices; `name` says what the file of a slice is called.
  private func write(to folder: URL, _ name: (_ series: Int, _ slice: Int) -> String) throws {
    for (number, (uid, count)) in SeriesTests.series.enumerated() {
      for slice in 0..<count {
        // The seventh of the third series was lost.
        if number == 2 && slice == 6 { continue }
        let samples = (0..<24 * 24).map { UInt16(($0 * (7 + 3 * number) + slice * 131 + $0 / 24 * slice) % 4096) }
        let file = folder.appending(path: name(number, slice))
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try DICOMWriter.write(
          pixels: .init(width: 24, height: 24, bitsStored: 12, isInverted: false, samples: samples),
          attributes: [
            .init(0x0008, 0x0016, "UI", "1.2.840.10008.5.1.4.1.1.2"),
            .init(0x0008, 0x0018, "UI", "\(uid).\(slice + 1)"), .init(0x0008, 0x0060, "CS", "CT"),
            .init(0x0010, 0x0020, "LO", "patient \(number / 2)"), .init(0x0020, 0x000d, "UI", "1.2.3"),
            .init(0x0020, 0x000e, "UI", uid), .init(0x0020, 0x0013, "IS", "\(count - slice)"),
            .init(0x0020, 0x0032, "DS", "-10\\-20\\\(Double(slice) * 1.5)"),
            .init(0x0020, 0x0037, "DS", "1\\0\\0\\0\\1\\0"), .init(0x0028, 0x0030, "DS", "0.5\\0.5"),
          ], to: file)
      }
    }
  }

  private func recipe(slices: String = "all", by: String = "series", method: String = "mean+max") -> String {
    """
    steps:
      ingest: { stage: ingest, from: archive, size: 16, slices: \(slices) }
      pixels: { stage: pixels, images: ingest, size: 8 }
      series: { stage: pool, embeddings: pixels, images: ingest, by: \(by), method: \(method) }
      reduce: { stage: pca, embeddings: series, n_components: 1 }
      kmeans: { stage: kmeans, points: reduce, n_clusters: 2, resamples: 0 }
      report: { stage: report, clusters: [kmeans], points: reduce, images: ingest, embeddings: series }
    """
  }

  private func run(_ program: Program, _ recipe: String) throws {
    try recipe.write(to: program.folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
    let run = try program("run", "recipe.yml", "--out", "out")
    #expect(run.status == 0, "\(run.errors)")
  }

  private func vectors(_ program: Program) throws -> [String: [Float]] {
    let embeddings = try EmbeddingsFile.read(from: program.folder.appending(path: "out/embeddings.h5"))
    let matrix = try embeddings.vectors.loaded()
    return Dictionary(
      uniqueKeysWithValues: embeddings.ids.enumerated().map { ($1.rawValue, matrix.row($0)) })
  }

  @Test func theSameVectorsWhateverTheFilesAreCalled() throws {
    var results: [[String: [Float]]] = []
    let names: [(Int, Int) -> String] = [
      { "series\($0)/\($1).dcm" }, { "\(($1 * 7 + 3) % 13)/\(2 - $0)-\($1)" },
      { "\(($0 * 31 + $1 * 17) % 97)-\($0)-\($1)" },
    ]
    for name in names {
      try withTemporaryFolder { folder in
        let program = Program(folder: folder)
        try write(to: folder.appending(path: "archive"), name)
        try run(program, recipe())
        results.append(try vectors(program))
        #expect(try program.column(0, of: "out/labels.csv").count == 3)
        let members = try program.column(1, of: "out/members-series.csv")
        #expect(members.count == 26 && Set(members) == Set(results[0].keys))
        #expect(program.files(below: "out/report/thumbs").count == 3)
      }
    }
    #expect(results[0].count == 3 && results.allSatisfy { $0 == results[0] })
    #expect(results[0].values.allSatisfy { $0.count == 2 * 64 })
  }

  @Test func seriesAreReportedAndSampled() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try write(to: folder.appending(path: "archive")) { "\($0)-\(99 - $1).dcm" }
      try run(program, recipe(slices: "3", by: "patient", method: "mean"))
      let rows = try SeriesTable.read(from: folder.appending(path: "out/series.csv"))
      #expect(rows.map(\.slices).sorted() == [6, 9, 11] && rows.allSatisfy { $0.taken == 3 && $0.spacing == 1.5 })
      let lossy = try #require(rows.first { $0.slices == 11 })
      #expect(lossy.problems == [.missingSlices] && lossy.missing == 1 && lossy.missingAfter == ["7.5:1"])
      let codes = try program.column(1, of: "out/rejected.csv")
      #expect(codes == [String](repeating: "not_sampled", count: 26 - 9))
      let taken = try program.column(1, of: "out/manifest.csv")
      #expect(taken.filter { $0.hasPrefix("0-") } == [1, 4, 7].map { "0-\(99 - $0).dcm" }.sorted())
      #expect(try vectors(program).count == 2)
    }
  }
}
