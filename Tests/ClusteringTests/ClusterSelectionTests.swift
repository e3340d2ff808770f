import Clustering
import Tensors
import TestSupport
import Testing

struct ClusterSelectionTests {
  private static let tolerance = 1e-6
  private let pool = WorkerPool(threads: 2)

  /// Every value of every parameter with every value of every other (`selection.py`).
  @Test(arguments: ["unequal", "moons", "uniform", "duplicates", "huge", "chain", "features"])
  func combinationsEqualTheHDBSCANPackage(data: String) throws {
    let fixture = try Fixture("Clustering/selection")
    let shape = fixture.shape("data.\(data)")
    let x = Matrix(rows: shape[0], columns: shape[1], storage: fixture.floats("data.\(data)"))
    let cases = fixture.names.filter { $0.hasPrefix(data + ".") && $0.hasSuffix(".options") }
    #expect(cases.count >= 14)
    try withEvery("case", in: cases.map { $0.dropLast("options".count) }) { key in
      let hdbscan = HDBSCAN(options: fixture.doubles(key + "options"))
      let fitted = try hdbscan.fit(x, workers: pool)
      let labels = fitted.partition.labels
      #expect(labels.map { $0 ?? 255 } == fixture.bytes(key + "labels").map { Int($0) }, "\(key)")
      func worst(_ found: [Double], _ field: String) -> Double {
        zip(found, fixture.floats(key + field)).reduce(0) { max($0, abs($1.0 - Double($1.1))) }
      }
      #expect(worst(fitted.probabilities, "probabilities") < Self.tolerance, "\(key)")
      #expect(worst(fitted.outlierScores, "outliers") < Self.tolerance, "\(key)")
      #expect(worst(fitted.persistences, "persistences") < Self.tolerance, "\(key)")
      if fitted.partition.groupCount > 0 {
        let validity = RelativeValidity(
          fitted.spanningTree, labels: labels, groupCount: fitted.partition.groupCount)
        #expect(worst([validity.score], "relative") < Self.tolerance, "\(key)")
      }
    }
  }
}
