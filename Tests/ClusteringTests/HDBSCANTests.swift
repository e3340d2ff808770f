import Clustering
import Tensors
import TestSupport
import Testing

struct HDBSCANTests {
  private static let tolerance = 1e-6
  private let pool = WorkerPool(threads: 2)

  private static let cases = [
    "blobs5", "blobs15", "blobs15s5", "blobsLeaf", "blobsEpsilon", "blobsLeafEpsilon", "blobsMaxSize", "blobsAlpha",
    "moons10", "moonsLeaf", "moonsEpsilon", "wide10", "wide15s3", "duplicates5", "duplicatesLeaf", "coincident5",
    "single",
    "singleEpsilon", "singleForbidden",
  ]

  @Test(arguments: cases)
  func equalsTheHDBSCANPackage(name: String) throws {
    let fixture = try Fixture("Clustering/density")
    let options = fixture.doubles("case.\(name).options")
    let hdbscan = HDBSCAN(options: options)
    let data = try #require(fixture.names.first { $0.hasPrefix("case.\(name).data.") }).split(separator: ".").last!
    let shape = fixture.shape("data.\(data)")
    let x = Matrix(rows: shape[0], columns: shape[1], storage: fixture.floats("data.\(data)"))
    let fitted = try hdbscan.fit(x, workers: pool)

    let sure = fixture.integers("case.\(name).sure")
    let labels = fixture.integers("case.\(name).labels")
    let rows = x.rows
    let sureLabels = (0..<rows).filter { sure[$0] & 1 != 0 }
    let sureOutliers = (0..<rows).filter { sure[$0] & 2 != 0 }
    // Coincident points make the package's own answer depend on the order of rows.
    #expect(sureLabels.count >= rows * (name == "coincident5" ? 60 : 90) / 100)
    let agreement = ExternalValidity(
      truth: sureLabels.map { labels[$0] }, groups: sureLabels.map { fitted.partition.labels[$0] })
    #expect(agreement.ari == 1)
    #expect(sureLabels.allSatisfy { (labels[$0] < 0) == (fitted.partition.labels[$0] == nil) })
    let probabilities = fixture.doubles("case.\(name).probabilities")
    for row in sureLabels {
      #expect(abs(fitted.probabilities[row] - probabilities[row]) < Self.tolerance, "row \(row)")
    }
    let outliers = fixture.doubles("case.\(name).outliers")
    for row in sureOutliers where outliers[row].isFinite {
      #expect(abs(fitted.outlierScores[row] - outliers[row]) < Self.tolerance, "row \(row)")
    }
    let persistences = fixture.doubles("case.\(name).persistence")
    if sureLabels.count == rows {
      #expect(fitted.partition.labels.map { $0 ?? -1 } == labels)
      #expect(normalizedError(fitted.persistences, persistences) < Self.tolerance)
    }
    #expect(fitted.condensedTree.brokenInvariant == nil)
  }

  /// The definition, with nothing clever: every pair's distance, Kruskal's tree, and clusters as sets of rows.
  @Test func equalsTheDefinitionOnSmallSets() throws {
    try withEvery("seed", in: 0..<300) { seed in
      var generator = Seed(77).split(seed).generator()
      let rows = 2 + generator.integer(below: 59)
      let columns = 1 + generator.integer(below: 4)
      // One in three on a coarse grid: duplicates and ties everywhere.
      let isGrid = seed % 3 == 0
      let x = Matrix(
        rows: rows, columns: columns,
        storage: (0..<rows * columns).map { _ in
          isGrid ? Float(generator.integer(below: 5)) : Float(generator.normal() + (generator.chance(0.5) ? 3 : 0))
        })
      let hdbscan = HDBSCAN(
        minClusterSize: 2 + generator.integer(below: 6), minSamples: 1 + generator.integer(below: 6),
        selectionMethod: generator.chance(0.5) ? .eom : .leaf, alpha: generator.chance(0.3) ? 1.4 : 1)
      let expected = NaiveHDBSCAN(x, hdbscan)
      let fitted = try hdbscan.fit(x, workers: pool)
      #expect(fitted.partition.labels == expected.partition.labels, "seed \(seed)")
      #expect(normalizedError(fitted.probabilities, expected.probabilities) < 1e-12, "seed \(seed)")
      #expect(normalizedError(fitted.outlierScores, expected.outlierScores) < 1e-12, "seed \(seed)")
    }
  }

  @Test func findsPlantedGroupsAmongNoise() throws {
    let planted = Planted.blobs(rows: 1500, columns: 6, groups: 5, spread: 0.7, noise: 0.1, seed: 5)
    let fitted = try HDBSCAN(minClusterSize: 30, minSamples: 10).fit(planted.points, workers: pool)
    #expect(fitted.partition.groupCount == 5)
    #expect(ExternalValidity(truth: planted.truth, groups: fitted.partition.labels).ari > 0.97)
    // Planted noise scores higher than planted members.
    let noise = zip(planted.truth, fitted.outlierScores).filter { $0.0 < 0 }.map(\.1)
    let members = zip(planted.truth, fitted.outlierScores).filter { $0.0 >= 0 }.map(\.1)
    #expect(noise.sorted()[noise.count / 2] > members.sorted()[members.count * 9 / 10])
  }

  @Test func oneRowIsNoise() throws {
    let fitted = try HDBSCAN().fit(Matrix(rowsOf: [[1, 2]]), workers: pool)
    #expect(fitted.partition.labels == [nil] && fitted.probabilities == [0] && fitted.outlierScores == [0])
  }

  @Test func coincidentPointsGiveNumbers() throws {
    var rows = [[Float]](repeating: [0, 0], count: 20)
    for i in 0..<20 { rows.append([10 + Float(i % 5), Float(i / 5)]) }
    let fitted = try HDBSCAN(minClusterSize: 5).fit(Matrix(rowsOf: rows), workers: pool)
    #expect(fitted.partition.labels[..<20].allSatisfy { $0 != nil && $0 == fitted.partition.labels[0] })
    #expect((fitted.probabilities + fitted.outlierScores + fitted.persistences).allSatisfy { $0 >= 0 && $0 <= 1 })
  }

  @Test func theWholeFitIsTheSameAtAnyThreadCount() throws {
    let x = Planted.blobs(rows: 3000, columns: 8, groups: 6, spread: 1.5, noise: 0.2, seed: 6).points
    let one = try HDBSCAN(minClusterSize: 12).fit(x, workers: WorkerPool(threads: 1))
    for threads in 2...3 {
      let other = try HDBSCAN(minClusterSize: 12).fit(x, workers: WorkerPool(threads: threads))
      #expect(other.condensedTree == one.condensedTree && other.outlierScores == one.outlierScores)
      #expect(other.partition == one.partition && other.coreDistances == one.coreDistances)
    }
  }
}
