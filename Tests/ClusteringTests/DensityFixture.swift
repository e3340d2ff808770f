import Clustering
import Tensors
import TestSupport
import Testing

/// A case of `membership.py`: rows, new rows, parameters, and what the hdbscan package answers.
struct DensityFixture {
  static let names = [
    "blobs", "blobsLeaf", "blobsEpsilon", "blobsDefault", "moons", "moonsLeaf", "moonsSize", "wide", "wideCosine",
    "wideCosineLeaf", "wideCosineAlpha", "blobsCosine",
  ]

  let hdbscan: HDBSCAN
  let points: Matrix
  let new: Matrix
  /// Rows whose answer does not depend on their order.
  let sure: [Int]
  let sureNew: [Int]
  private let fixture: Fixture
  private let key: String

  init(_ name: String) throws {
    let fixture = try Fixture("Clustering/membership")
    key = "case.\(name)."
    let options = fixture.doubles(key + "options")
    hdbscan = HDBSCAN(options: options, metric: options[7] > 0 ? .cosine : .euclidean)
    let prefix = key + "data."
    let data = try #require(fixture.names.first { $0.hasPrefix(prefix) }).dropFirst(prefix.count)
    func matrix(_ name: String) -> Matrix {
      let shape = fixture.shape(name)
      return Matrix(rows: shape[0], columns: shape[1], storage: fixture.floats(name))
    }
    points = matrix("data.\(data)")
    new = matrix("new.\(data)")
    func rows(_ flags: String) -> [Int] {
      let flags = fixture.bytes(flags)
      return flags.indices.filter { flags[$0] != 0 }
    }
    sure = rows(key + "sure")
    sureNew = rows(key + "new.sure")
    self.fixture = fixture
  }

  func labels(_ field: String) -> [Int?] { fixture.integers(key + field).map { $0 < 0 ? nil : $0 } }

  func numbers(_ field: String) -> [Double] { fixture.floats(key + field).map { Double($0) } }

  var exemplars: [[Int]] {
    var rows = fixture.integers(key + "exemplars")[...]
    return fixture.integers(key + "exemplarCounts").map { count in
      defer { rows = rows.dropFirst(count) }
      return Array(rows.prefix(count))
    }
  }
}

extension HDBSCAN {
  /// The parameters of a fixture's case, in the scripts' order.
  init(options: [Double], metric: Metric = .euclidean) {
    self.init(
      minClusterSize: Int(options[0]), minSamples: options[1] > 0 ? Int(options[1]) : nil,
      selectionMethod: options[2] > 0 ? .leaf : .eom, clusterSelectionEpsilon: options[3], alpha: options[4],
      allowSingleCluster: options[5] > 0, maxClusterSize: options[6] > 0 ? Int(options[6]) : nil, metric: metric)
  }
}
