import Clustering
import Tensors
import TestSupport
import Testing

struct DensityModelTests {
  private static let tolerance = 1e-6
  private let pool = WorkerPool(threads: 2)

  @Test(arguments: DensityFixture.names)
  func equalsTheHDBSCANPackage(name: String) throws {
    let fixture = try DensityFixture(name)
    let fitted = try fixture.hdbscan.fit(fixture.points, workers: pool)
    let model = DensityModel(fitted, points: fixture.points)
    #expect(fixture.sure.count >= fixture.points.rows * 80 / 100)
    #expect(fixture.sureNew.count >= fixture.new.rows * 75 / 100)

    // Groups of nearly one size may be numbered otherwise where a row is not sure: they are matched by the rows that are.
    let labels = fixture.labels("labels")
    let place = try (0..<fixture.exemplars.count).map { group -> Int in
      let row = try #require(fixture.sure.first { labels[$0] == group })
      return try #require(fitted.partition.labels[row])
    }
    try #require(model.groupCount == place.count && Set(place).count == place.count)
    #expect(fixture.sure.allSatisfy { fitted.partition.labels[$0] == labels[$0].map { place[$0] } })
    compare(fitted.probabilities, fixture.numbers("probabilities"), fixture.sure, "probability")
    compare(fitted.outlierScores, fixture.numbers("outliers"), fixture.sure, "outlier score")
    let sure = Set(fixture.sure)
    #expect(
      place.map { model.exemplars[$0].filter(sure.contains) } == fixture.exemplars.map { $0.filter(sure.contains) })
    func columns(_ memberships: SoftMembership) -> [Double] {
      (0..<memberships.rows).flatMap { row in place.map { memberships[row, $0] } }
    }
    compare(
      columns(model.memberships(workers: pool)), fixture.numbers("memberships"), fixture.sure, "membership",
      columns: place.count)

    let placed = model.predict(fixture.new, workers: pool)
    let newLabels = fixture.labels("new.labels")
    #expect(fixture.sureNew.allSatisfy { placed[$0].group == newLabels[$0].map { place[$0] } })
    compare(placed.map(\.probability), fixture.numbers("new.probabilities"), fixture.sureNew, "new probability")
    let scores = fixture.numbers("new.outliers").map { max($0, 0) }
    compare(placed.map(\.outlierScore), scores, fixture.sureNew, "new outlier score")
    compare(
      columns(model.memberships(of: fixture.new, workers: pool)), fixture.numbers("new.memberships"), fixture.sureNew,
      "new membership", columns: place.count)
  }

  /// `rows` of two tables of numbers.
  private func compare(_ found: [Double], _ expected: [Double], _ rows: [Int], _ what: String, columns: Int = 1) {
    #expect(found.count == expected.count, "\(what)")
    var worst = (error: 0.0, row: -1)
    for row in rows {
      for at in row * columns..<(row + 1) * columns {
        let error = abs(found[at] - expected[at])
        if !(error <= worst.error) { worst = (error, row) }
      }
    }
    #expect(worst.error < Self.tolerance, "\(what) of row \(worst.row)")
  }

  /// The formulas as they are written, cluster by cluster and pair by pair.
  @Test func equalsTheDefinitionOnSmallSets() throws {
    try withEvery("seed", in: 0..<120) { seed in
      let (points, hdbscan) = small(seed, onGrid: false)
      let fitted = try hdbscan.fit(points, workers: pool)
      let model = DensityModel(fitted, points: points)
      let naive = NaiveDensityModel(fitted, points)
      #expect(model.exemplars == naive.exemplars, "seed \(seed)")
      let memberships = model.memberships(workers: pool)
      #expect(normalizedError(memberships.values, naive.memberships) < 1e-9, "seed \(seed)")
      let new = small(seed + 1000, onGrid: false, rows: 20, columns: points.columns).points
      let placed = model.predict(new, workers: pool)
      let expected = naive.predictions(new)
      #expect(placed.map(\.group) == expected.map(\.group), "seed \(seed)")
      #expect(placed.map(\.neighbor) == expected.map(\.neighbor), "seed \(seed)")
      #expect(normalizedError(placed.map(\.probability), expected.map(\.probability)) < 1e-9, "seed \(seed)")
      #expect(normalizedError(placed.map(\.outlierScore), expected.map(\.outlierScore)) < 1e-9, "seed \(seed)")
    }
  }

  /// Where rows coincide, densities are infinite: numbers, not NaN, and nobody belongs more than wholly.
  @Test func coincidentRowsGiveNumbers() throws {
    try withEvery("seed", in: 0..<120) { seed in
      let (points, hdbscan) = small(seed, onGrid: true)
      let model = DensityModel(try hdbscan.fit(points, workers: pool), points: points)
      let new = small(seed + 1000, onGrid: seed % 2 == 0, rows: 20, columns: points.columns).points
      for memberships in [model.memberships(workers: pool), model.memberships(of: new, workers: pool)] {
        for row in 0..<memberships.rows {
          let own = (0..<memberships.groups).map { memberships[row, $0] }
          #expect(own.allSatisfy { $0 >= 0 } && own.reduce(0, +) <= 1 + 1e-9, "seed \(seed), row \(row): \(own)")
        }
      }
      for placed in model.predict(new, workers: pool) {
        #expect(placed.probability >= 0 && placed.probability <= 1, "seed \(seed)")
        #expect(placed.outlierScore >= 0 && placed.outlierScore <= 1, "seed \(seed)")
      }
    }
  }

  private func small(
    _ seed: Int, onGrid: Bool, rows: Int? = nil, columns: Int? = nil
  ) -> (points: Matrix, hdbscan: HDBSCAN) {
    var generator = Seed(78).split(seed).generator()
    let rows = rows ?? 2 + generator.integer(below: 59)
    // Of two numbers or more, so that directions differ.
    let columns = columns ?? 2 + generator.integer(below: 4)
    let points = Matrix(
      rows: rows, columns: columns,
      storage: (0..<rows * columns).map { _ in
        onGrid ? Float(generator.integer(below: 4)) : Float(generator.normal() + (generator.chance(0.5) ? 4 : 0))
      })
    let hdbscan = HDBSCAN(
      minClusterSize: 2 + generator.integer(below: 6), minSamples: 1 + generator.integer(below: 6),
      selectionMethod: generator.chance(0.5) ? .eom : .leaf, allowSingleCluster: generator.chance(0.3),
      maxClusterSize: generator.chance(0.2) ? 20 : nil, metric: generator.chance(0.4) ? .cosine : .euclidean)
    return (points, hdbscan)
  }

  @Test func sortedRowsAreFoundAgain() throws {
    let planted = Planted.blobs(rows: 600, columns: 5, groups: 4, spread: 0.8, noise: 0.1, seed: 61)
    let fitted = try HDBSCAN(minClusterSize: 20, minSamples: 6).fit(planted.points, workers: pool)
    let model = DensityModel(fitted, points: planted.points)
    let placed = model.predict(planted.points, workers: pool)
    let kept = (0..<600).filter { placed[$0].group == fitted.partition.labels[$0] }
    #expect(kept.count >= 590)
    // More of the same, and what is far from all.
    let more = Planted.blobs(rows: 300, columns: 5, groups: 4, spread: 0.8, seed: 61)
    let again = model.predict(more.points, workers: pool)
    #expect(ExternalValidity(truth: more.truth, groups: again.map(\.group)).ari > 0.9)
    let far = model.predict(Matrix(rows: 2, columns: 5, repeating: 500), workers: pool)
    #expect(far.allSatisfy { $0.group == nil && $0.probability == 0 && $0.outlierScore > 0.99 })
  }

  @Test func theSameAtAnyThreadCount() throws {
    let x = Planted.blobs(rows: 900, columns: 7, groups: 5, spread: 1.2, noise: 0.2, seed: 62).points
    let new = Planted.blobs(rows: 400, columns: 7, groups: 5, spread: 2, seed: 63).points
    let fitted = try HDBSCAN(minClusterSize: 12, metric: .cosine).fit(x, workers: pool)
    let model = DensityModel(fitted, points: x)
    let one = WorkerPool(threads: 1)
    for threads in 2...3 {
      let more = WorkerPool(threads: threads)
      #expect(model.memberships(workers: more) == model.memberships(workers: one))
      #expect(model.memberships(of: new, workers: more) == model.memberships(of: new, workers: one))
      #expect(model.predict(new, workers: more) == model.predict(new, workers: one))
      for method in NoiseProposals.Method.allCases {
        #expect(
          model.proposals(for: fitted.partition, by: method, threshold: 0.1, workers: more)
            == model.proposals(for: fitted.partition, by: method, threshold: 0.1, workers: one))
      }
    }
  }

  @Test func aModelReadBackIsEqual() throws {
    let x = Planted.blobs(rows: 300, columns: 4, groups: 3, spread: 1, noise: 0.1, seed: 64).points
    let model = DensityModel(try HDBSCAN(minClusterSize: 10).fit(x, workers: pool), points: x)
    func copy(
      minSamples: Int? = nil, coreDistances: [Double]? = nil, pointClusters: [Int32]? = nil,
      clusterParents: [Int32]? = nil,
      groups: [Int32]? = nil
    ) throws -> DensityModel {
      try DensityModel(
        points: model.points, metric: model.metric, minSamples: minSamples ?? model.minSamples,
        coreDistances: coreDistances ?? model.coreDistances, pointClusters: pointClusters ?? model.pointClusters,
        pointDensities: model.pointDensities, clusterParents: clusterParents ?? model.clusterParents,
        clusterBirths: model.clusterBirths, groups: groups ?? model.groups)
    }
    #expect(try copy() == model)
    func refuses(_ part: DensityModel.Malformed.Part, _ body: () throws -> DensityModel) {
      #expect(throws: DensityModel.Malformed(part: part)) { try body() }
    }
    refuses(.minSamples) { try copy(minSamples: 0) }
    refuses(.coreDistances) { try copy(coreDistances: [1]) }
    refuses(.pointClusters) { try copy(pointClusters: model.pointClusters.map { $0 + 1000 }) }
    refuses(.clusterParents) { try copy(clusterParents: model.clusterParents.map { $0 + 1 }) }
    refuses(.groups) { try copy(groups: [1, 1, 1]) }
    refuses(.groups) { try copy(groups: [-1]) }
  }

  @Test func fewRowsAndNoGroups() throws {
    try withEvery("rows", in: 1...7) { rows in
      let x = Matrix(rows: rows, columns: 2, storage: (0..<rows * 2).map { Float($0 * $0) })
      for metric in Metric.allCases {
        let model = DensityModel(
          try HDBSCAN(minClusterSize: 5, minSamples: 9, metric: metric).fit(x, workers: pool), points: x)
        #expect(model.groupCount == 0 && model.exemplars.isEmpty && model.memberships(workers: pool).values.isEmpty)
        #expect(model.memberships(workers: pool).strongest(0) == nil)
        #expect(model.predict(x, workers: pool).allSatisfy { $0.group == nil && $0.probability == 0 })
      }
    }
  }

  /// All rows in one cluster: hdbscan's predictions call this noise; here they follow the fit.
  @Test func aSingleClusterPredicts() throws {
    let x = Planted.blobs(rows: 200, columns: 3, groups: 1, spread: 1, seed: 65).points
    let fitted = try HDBSCAN(minClusterSize: 60, minSamples: 5, clusterSelectionEpsilon: 5, allowSingleCluster: true)
      .fit(x, workers: pool)
    #expect(fitted.partition.groupCount == 1 && fitted.condensedTree.clusterCount == 1)
    let placed = DensityModel(fitted, points: x).predict(x, workers: pool)
    #expect(placed.allSatisfy { $0.group == 0 && $0.probability > 0 })
  }

  @Test func proposalsLeaveLabelsAlone() throws {
    let planted = Planted.blobs(rows: 500, columns: 4, groups: 4, spread: 1, noise: 0.2, seed: 66)
    let fitted = try HDBSCAN(minClusterSize: 15).fit(planted.points, workers: pool)
    let model = DensityModel(fitted, points: planted.points)
    let memberships = model.memberships(workers: pool)
    let noise = Set(fitted.partition.noise)
    #expect(noise.count > 20)
    for method in NoiseProposals.Method.allCases {
      let all = model.proposals(for: fitted.partition, by: method, threshold: 0, workers: pool)
      #expect(all.count == noise.count)
      let sure = model.proposals(for: fitted.partition, by: method, threshold: 0.2, workers: pool)
      #expect(sure.count < noise.count && sure.memberships == all.memberships)
      for row in 0..<500 {
        guard noise.contains(row) else {
          #expect(all.groups[row] == nil && all.memberships[row] == nil)
          continue
        }
        let group = try #require(all.groups[row])
        #expect(all.memberships[row] == memberships[row, group])
        #expect(sure.groups[row] == (memberships[row, group] >= 0.2 ? group : nil))
        if method == .membership { #expect(memberships.strongest(row) == group) }
        if method == .nearestExemplar {
          let distances = model.exemplars.map { rows in
            rows.map { Distances.between(row, $0, of: planted.points) }.min()!
          }
          #expect(distances[group] == distances.min()!)
        }
      }
    }
  }
}
