import Foundation
import TestSupport
import Testing

/// Nothing that a file says of a patient leaves it: not in an artefact, not on the page, not in a message.
@Suite(.serialized) struct PrivacyTests {
  private static let recipe = """
    steps:
      ingest: { stage: ingest, from: archive-\(PlantedArchive.nameMark), size: 32 }
      pixels: { stage: pixels, images: ingest, size: 8 }
      reduce: { stage: pca, embeddings: pixels, n_components: 4 }
      kmeans: { stage: kmeans, points: reduce, n_clusters: 3, resamples: 0 }
      report: { stage: report, clusters: [kmeans], points: reduce, images: ingest }
    """

  @Test func noWordOfAPatientLeavesItsFile() throws {
    try withTemporaryFolder { folder in
      let archive = try PlantedArchive(in: folder)
      let program = Program(folder: folder)
      try Self.recipe.write(to: folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
      let run = try program("run", "recipe.yml", "--out", "out", "--store", "store", "--json", "-v")
      #expect(run.status == 0, "\(run.errors)")
      // All kinds were really read, and one file refused.
      #expect(Set(try program.column(2, of: "out/manifest.csv")) == ["dicom", "png", "jpeg", "tiff", "nifti"])
      #expect(try program.column(1, of: "out/rejected.csv").contains("truncated"))
      // Times of acquisition were used: three places, each at two times.
      #expect(try program.column(3, of: "out/series.csv").contains("6"))
      #expect(try program.column(6, of: "out/series.csv").contains("2"))
      var inspected = ""
      for name in try FileManager.default.contentsOfDirectory(atPath: archive.folder.path).sorted() {
        for flag in ["--json", "--header"] {
          let outcome = try program("inspect", archive.folder.appending(path: name).path, flag)
          inspected += outcome.output + outcome.errors
        }
      }
      // A file's own name may be said; one of ours holds a patient's.
      let said = (run.output + run.errors + inspected).replacing("cut ZQXWERTY.dcm", with: "")
      expectNothing(of: PlantedArchive.secrets, in: program, ["out", "store"], said, except: "cut ZQXWERTY.dcm")
    }
  }

  @Test func hiddenPathsAreHidden() throws {
    try withTemporaryFolder { folder in
      _ = try PlantedArchive(in: folder)
      let program = Program(folder: folder)
      try Self.recipe.write(to: folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
      let run = try program("run", "recipe.yml", "--out", "out", "--store", "store", "--hide-paths")
      #expect(run.status == 0, "\(run.errors)")
      let words = PlantedArchive.secrets + [PlantedArchive.nameMark]
      expectNothing(of: words, in: program, ["out", "store"], run.output + run.errors)
      let crosswalks = program.files(below: "store").filter { $0.hasSuffix("crosswalk.csv") }
      #expect(crosswalks.count == 1)
      for file in crosswalks {
        let crosswalk = try program.text("store/\(file)")
        for id in try program.column(1, of: "out/manifest.csv") { #expect(crosswalk.contains(id)) }
        let attributes = try FileManager.default.attributesOfItem(
          atPath: folder.appending(path: "store/\(file)").path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
      }
    }
  }

  /// A test of the scan itself: it finds what is there, however it is packed.
  @Test func theScanFindsWhatIsThere() throws {
    let scan = ByteScan(["ZQXWERTY"])
    #expect(scan.findings(in: Data("…zqxwerty…".utf8)) == ["ZQXWERTY"])
    #expect(scan.findings(in: Data("ZQXWERTY".utf16.flatMap { [UInt8(0), UInt8($0)] })) == ["ZQXWERTY"])
    #expect(scan.findings(in: Data((Data("abZQXWERTYabc".utf8)).base64EncodedString().utf8)) == ["ZQXWERTY"])
    // python3 -c "import zlib; print(zlib.compress(b'ZQXWERTY' * 4, 9).hex())"
    let packed: [UInt8] = [
      0x78, 0xda, 0x8b, 0x0a, 0x8c, 0x08, 0x77, 0x0d, 0x0a, 0x89, 0x8c, 0xc2, 0x41, 0x03, 0x00, 0xad, 0x14, 0x0a, 0x79,
    ]
    #expect(scan.findings(in: Data([1, 2, 3] + packed)) == ["ZQXWERTY"])
    #expect(scan.findings(in: Data("nothing of the kind".utf8)) == [])
  }

  private func expectNothing(
    of words: [String], in program: Program, _ folders: [String], _ said: String, except name: String? = nil
  ) {
    let scan = ByteScan(words)
    #expect(scan.findings(in: Data(said.utf8)) == [], "in what was said")
    var files = 0
    for folder in folders {
      for file in program.files(below: folder) where !file.hasSuffix("crosswalk.csv") {
        files += 1
        guard var data = try? program.data("\(folder)/\(file)") else { continue }
        // The path columns and the page may name the file.
        if let name {
          while let place = data.range(of: Data(name.utf8)) { data.removeSubrange(place) }
        }
        #expect(scan.findings(in: data) == [], "in \(folder)/\(file)")
        #expect(ByteScan(words).findings(in: Data(file.utf8)) == [], "in the name \(file)")
      }
    }
    #expect(files > 20)
  }
}
