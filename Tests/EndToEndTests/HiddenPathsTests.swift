import Foundation
import TestSupport
import Testing

/// `--hide-paths` and `--keep-identifiers` by the program itself.
@Suite(.serialized) struct HiddenPathsTests {
  private static let planted = "Mustermann_0815"

  /// Small pictures whose names say too much, one of them broken, and a recipe that looks at them.
  private func build(_ program: Program) throws {
    let archive = program.folder.appending(path: "\(Self.planted)_archive/\(Self.planted)_folder")
    try FileManager.default.createDirectory(at: archive, withIntermediateDirectories: true)
    for number in 0..<24 {
      var picture = Data("P5\n16 16\n255\n".utf8)
      for place in 0..<256 { picture.append(UInt8(truncatingIfNeeded: place * (1 + number % 3) + number * 5)) }
      try picture.write(to: archive.appending(path: "\(Self.planted)_\(number).pgm"))
    }
    try Data("broken".utf8).write(to: archive.appending(path: "\(Self.planted)_broken"))
    let recipe = """
      steps:
        ingest: { stage: ingest, from: \(Self.planted)_archive, size: 16 }
        pixels: { stage: pixels, images: ingest, size: 8 }
        reduce: { stage: pca, embeddings: pixels, n_components: 4 }
        kmeans: { stage: kmeans, points: reduce, n_clusters: 3, resamples: 0 }
        report: { stage: report, clusters: [kmeans], points: reduce, images: ingest }

      """
    try recipe.write(to: program.folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
  }

  @Test func plantedNamesStandInTheCrosswalkAlone() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try build(program)
      let open = try program("run", "recipe.yml", "--out", "open", "--store", "open-store")
      #expect(open.status == 0, "\(open.errors)")
      let hidden = try program("run", "recipe.yml", "--out", "hidden", "--store", "store", "--hide-paths")
      #expect(hidden.status == 0, "\(hidden.errors)")
      #expect(!(hidden.output + hidden.errors).contains(Self.planted))
      let needle = Data(Self.planted.utf8)
      var crosswalks: [String] = []
      for place in ["hidden", "store"] {
        for file in program.files(below: place) {
          #expect(!file.contains(Self.planted))
          if file.hasSuffix("crosswalk.csv") {
            crosswalks.append("\(place)/\(file)")
          } else {
            #expect(try program.data("\(place)/\(file)").range(of: needle) == nil, "\(place)/\(file)")
          }
        }
      }
      let crosswalk = try #require(crosswalks.first)
      #expect(crosswalks.count == 1 && crosswalk.hasPrefix("store/"))
      let status = try FileManager.default.attributesOfItem(atPath: folder.appending(path: crosswalk).path)
      #expect(status[.posixPermissions] as? Int == 0o600)
      let paths = try program.column(1, of: crosswalk)
      let known = try program.column(1, of: "open/manifest.csv") + program.column(0, of: "open/rejected.csv")
      #expect(paths.sorted() == known.sorted())
      #expect(try program.column(0, of: "hidden/manifest.csv") == program.column(0, of: "open/manifest.csv"))
      #expect(try program.column(0, of: "hidden/labels.csv") == program.column(1, of: "hidden/labels.csv"))
      // What was asked for is part of what a result depends on.
      let plan = try program("plan", "recipe.yml", "--out", "hidden", "--store", "store", "--hide-paths")
      #expect(plan.output.split(separator: "\n").allSatisfy { $0.hasPrefix("HIT") }, "\(plan.output)")
      let changed = try program("plan", "recipe.yml", "--out", "hidden", "--store", "store")
      #expect(changed.output.contains("RUN  ingest"), "\(changed.output)")
    }
  }

  @Test func identifiersAreKeptWhereAskedFor() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try FileManager.default.copyItem(
        at: Fixture.folder.appending(path: "Imaging/files/window_linear.dcm"), to: folder.appending(path: "film.dcm"))
      let recipe = "steps:\n  ingest: { stage: ingest, from: film.dcm, size: 16 }\n"
      try recipe.write(to: folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
      #expect(try program("run", "recipe.yml", "--out", "hashed").status == 0)
      #expect(try program("run", "recipe.yml", "--out", "kept", "--keep-identifiers").status == 0)
      #expect(try program.column(11, of: "kept/manifest.csv") == ["P-17"])
      #expect(try !program.text("hashed/manifest.csv").contains("P-17"))
    }
  }
}
