import Foundation
import Storage
import Tensors
import TestSupport
import Testing

struct TruthTableTests {
  @Test func readsTheColumnAskedFor() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "truth.csv")
      try AtomicFile.write("patient,path,label,view\n1,./a/x.png,hand,PA\n2,a\\y.png,\"he,ad\",AP\n", to: url)
      #expect(
        try TruthTable(reading: url).rows == [
          .init(path: "a/x.png", label: "hand", patient: "1"), .init(path: "a/y.png", label: "he,ad", patient: "2"),
        ])
      #expect(try TruthTable(reading: url, column: "view").rows.map(\.label) == ["PA", "AP"] as [String?])
      #expect(try TruthTable(reading: url).match(["y.png", "z.png", "x.png"]).patients == ["2", "", "1"])
      #expect(throws: CSVError.self) { try TruthTable(reading: url, column: "kind") }
    }
  }

  @Test func rulesComeInOrder() {
    let table = TruthTable(rows: [
      ("a/x.png", "path"), ("root/b/y.png", "suffix"), ("elsewhere/z.png", "name"), ("c/twice.png", "1"),
      ("d/twice.png", "2"),
      ("claimed.png", "3"), ("said/both.png", "4"), ("said/both.png", "5"), ("never.png", "6"), ("again.png", "7"),
      ("again.png", "7"),
    ])
    let match: TruthTable.Match = table.match([
      "a/x.png", "b/y.png", "other/z.png", "e/twice.png", "f/claimed.png", "g/claimed.png", "said/both.png", "x.png",
      "/again.png",
    ])
    #expect(match.labels == ["path", "suffix", "name", nil, nil, nil, nil, nil, "7"])
    #expect(match.byPath == 2 && match.bySuffix == 1 && match.byName == 1 && match.ambiguous == 4)
    #expect(match.matched == 4 && match.unmatchedImages == 5 && match.unmatchedRows == 5)
  }

  /// Against a naive twin on small random worlds: three folders, three names, up to three parts.
  @Test func agreesWithTheNaiveTwin() {
    var generator = Seed(2).generator()
    func path() -> String {
      (0..<generator.integer(below: 3)).map { _ in ["p", "q", "r"][generator.integer(below: 3)] + "/" }.joined()
        + ["x", "y", "z"][generator.integer(below: 3)]
    }
    for _ in 0..<2_000 {
      let rows = (0..<generator.integer(below: 6)).map { (path: path(), label: "\($0)") }
      let images = (0..<generator.integer(below: 6)).map { _ in path() }
      #expect(TruthTable(rows: rows).match(images).labels == naive(rows, images), "\(rows) \(images)")
    }
  }

  private func naive(_ rows: [(path: String, label: String)], _ images: [String]) -> [String?] {
    func common(_ a: String, _ b: String) -> Int {
      if a == b { return 100 }
      let (a, b) = (a.split(separator: "/").reversed(), b.split(separator: "/").reversed())
      return zip(a, b).prefix { $0 == $1 }.count
    }
    var labels = [String?](repeating: nil, count: images.count)
    let paths = Set(rows.map(\.path)).sorted()
    var openImages = Set(images.indices)
    var openPaths = Set(paths)
    for depth in [100, 3, 2, 1] {
      var doneImages = Set<Int>()
      var donePaths = Set<String>()
      for image in openImages {
        let hits = openPaths.filter { common(images[image], $0) >= depth }
        if hits.isEmpty { continue }
        doneImages.insert(image)
        donePaths.formUnion(hits)
        let rivals = openImages.filter { common(images[$0], hits.first!) >= depth }
        let said = Set(rows.filter { hits.contains($0.path) }.map(\.label))
        if hits.count == 1 && rivals.count == 1 && said.count == 1 { labels[image] = said.first! }
      }
      openImages.subtract(doneImages)
      openPaths.subtract(donePaths)
    }
    return labels
  }
}
