import Clustering
import Tensors
import TestSupport
import Testing

struct ClusterSizeCurveTests {
  private let pool = WorkerPool(threads: 2)

  /// Every point of the curve is what a fit at that size finds.
  @Test func equalsAFitForEverySize() throws {
    let x = Planted.blobs(rows: 700, columns: 4, groups: 6, spread: 1.2, noise: 0.1, seed: 71).points
    let hdbscan = HDBSCAN(minClusterSize: 10, minSamples: 7, selectionMethod: .eom, maxClusterSize: 400)
    let fitted = try hdbscan.fit(x, workers: pool)
    let sizes = [2, 3, 5, 8, 13, 40, 90, 200]
    let curve = ClusterSizeCurve(of: fitted, sizes: sizes, workers: pool)
    let fits = try sizes.map {
      try HDBSCAN(minClusterSize: $0, minSamples: 7, maxClusterSize: 400).fit(x, workers: pool)
    }
    #expect(curve.points.map(\.minClusterSize) == sizes)
    for (place, (point, fit)) in zip(curve.points, fits).enumerated() {
      #expect(point.groupCount == fit.partition.groupCount)
      #expect(point.noiseShare == Double(fit.partition.noiseCount) / 700)
      #expect(abs(point.persistenceSum - fit.persistences.reduce(0, +)) < 1e-12)
      #expect(abs(point.stabilitySum - fit.stabilities.reduce(0, +)) < 1e-9 * max(1, point.stabilitySum))
      let validity = RelativeValidity(
        fit.spanningTree, labels: fit.partition.labels, groupCount: fit.partition.groupCount)
      #expect(point.relativeValidity.map { abs($0 - validity.score) < 1e-12 } ?? (point.groupCount == 0))
      let next = place + 1 < fits.count ? fits[place + 1].partition.labels : nil
      let expected = next.map { agreement(fit.partition.labels, $0) }
      #expect(zip2(point.agreementWithNext, expected).map { abs($0 - $1) < 1e-12 } ?? (expected == nil))
    }
    for threads in [1, 3] {
      #expect(ClusterSizeCurve(of: fitted, sizes: sizes, workers: WorkerPool(threads: threads)) == curve)
    }
    let read = ClusterSizeCurve(points: curve.points, widestPlateau: curve.widestPlateau)
    #expect(read == curve)
  }

  private func zip2(_ a: Double?, _ b: Double?) -> (Double, Double)? {
    guard let a, let b else { return nil }
    return (a, b)
  }

  /// Checked against `ExternalValidity` below, which also computes what takes long.
  private func agreement(_ a: [Int?], _ b: [Int?]) -> Double {
    func packed(_ labels: [Int?]) -> PackedLabels {
      PackedLabels(labels, groupCount: (labels.compactMap { $0 }.max() ?? -1) + 1)
    }
    return packed(a).adjustedRand(packed(b))
  }

  /// The plateau by its definition: all ranges, all pairs.
  @Test func theWidestPlateauIsFound() throws {
    try withEvery("seed", in: 0..<40) { seed in
      let x = Planted.blobs(
        rows: 240, columns: 3, groups: 2 + seed % 5, spread: 0.4 + 0.1 * Double(seed % 9), noise: 0.1, seed: seed
      )
      .points
      let sizes = [2, 4, 6, 9, 14, 20, 30, 45, 70]
      let fitted = try HDBSCAN(minClusterSize: 5, minSamples: 4).fit(x, workers: pool)
      let curve = ClusterSizeCurve(of: fitted, sizes: sizes, workers: pool)
      let labels = try sizes.map {
        try HDBSCAN(minClusterSize: $0, minSamples: 4).fit(x, workers: pool).partition.labels
      }
      let agrees = labels.map { a in labels.map { agreement(a, $0) >= ClusterSizeCurve.sameness } }
      var widest: ClosedRange<Int>?
      var best = 1.0
      for first in sizes.indices {
        for last in sizes.indices where last > first {
          let stays = (first...last).allSatisfy { a in
            labels[a].contains { $0 != nil }
              && (first...last).allSatisfy { agrees[a][$0] }
          }
          let width = Double(sizes[last]) / Double(sizes[first])
          if stays && width > best { (widest, best) = (first...last, width) }
        }
      }
      #expect(curve.widestPlateau == widest, "seed \(seed)")
      #expect(curve.plateauSizes == widest.map { sizes[$0.lowerBound]...sizes[$0.upperBound] })
    }
  }

  @Test func namesThePlantedGroups() throws {
    let planted = Planted.blobs(rows: 1200, columns: 6, groups: 6, spread: 0.7, noise: 0.1, seed: 72)
    let fitted = try HDBSCAN(minClusterSize: 5, minSamples: 8).fit(planted.points, workers: pool)
    let curve = ClusterSizeCurve(of: fitted, sizes: ClusterSizeCurve.sizes(forRows: 1200), workers: pool)
    let plateau = try #require(curve.widestPlateau)
    #expect(plateau.contains { curve.points[$0].groupCount == 6 })
    #expect(curve.points[plateau.upperBound].minClusterSize > 2 * curve.points[plateau.lowerBound].minClusterSize)
    for place in plateau {
      let found = try HDBSCAN(minClusterSize: curve.points[place].minClusterSize, minSamples: 8)
        .fit(planted.points, workers: pool)
      #expect(ExternalValidity(truth: planted.truth, groups: found.partition.labels).ari > 0.9)
    }
  }

  @Test func nothingToFindHasNoPlateau() throws {
    let one = try HDBSCAN().fit(Matrix(rowsOf: [[1, 2]]), workers: pool)
    let curve = ClusterSizeCurve(of: one, sizes: [2, 3], workers: pool)
    #expect(curve.points.allSatisfy { $0.groupCount == 0 && $0.noiseShare == 1 && $0.relativeValidity == nil })
    #expect(curve.widestPlateau == nil && curve.plateauSizes == nil)
    #expect(ClusterSizeCurve(of: one, sizes: [], workers: pool).points.isEmpty)
  }

  @Test func sizesAreEachAMultipleOfTheOneBefore() {
    #expect(ClusterSizeCurve.sizes(forRows: 2560, from: 5, count: 8) == [5, 10, 20, 40, 80, 160, 320, 640])
    #expect(ClusterSizeCurve.sizes(forRows: 10) == [5])
    #expect(ClusterSizeCurve.sizes(forRows: 32, from: 2, count: 16) == [2, 3, 4, 5, 6, 7, 8])
  }

  @Test func packedAgreementEqualsTheTable() {
    withEvery("seed", in: 0..<60) { seed in
      var generator = Seed(73).split(seed).generator()
      let (rows, groups) = (1 + generator.integer(below: 40), 1 + generator.integer(below: 6))
      func labels() -> [Int?] { (0..<rows).map { _ in generator.chance(0.2) ? nil : generator.integer(below: groups) } }
      let (a, b) = (labels(), labels())
      let found = PackedLabels(a, groupCount: groups).adjustedRand(PackedLabels(b, groupCount: groups))
      let expected = ExternalValidity(truth: a, groups: b).ari
      #expect(found == expected || abs(found - expected) < 1e-12, "seed \(seed): \(found), \(expected)")
    }
  }
}
