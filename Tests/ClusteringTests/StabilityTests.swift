import Clustering
import Tensors
import Testing

struct StabilityTests {
  @Test func plantedGroupsAreStableAndNoiseIsNot() throws {
    let pool = WorkerPool(threads: 2)
    let planted = Planted.blobs(rows: 400, columns: 5, groups: 4, spread: 0.6, seed: 11).points
    let kMeans = KMeans(nClusters: 4)
    let sure = try Stability(
      of: kMeans, on: planted, reference: kMeans.partition(planted, seed: Seed(1), workers: pool), seed: Seed(2),
      workers: pool)
    #expect(sure.meanARI == 1 && sure.jaccard.allSatisfy { $0 == 1 } && sure.ari.count == 10)
    let hdbscan = HDBSCAN(minClusterSize: 20)
    let dense = try Stability(
      of: hdbscan, on: planted, reference: hdbscan.partition(planted, seed: Seed(1), workers: pool), seed: Seed(2),
      workers: pool)
    #expect(dense.meanARI > 0.9 && dense.jaccard.allSatisfy { $0 > 0.9 })

    var generator = Seed(5).generator()
    let shapeless = Matrix(rows: 400, columns: 5, storage: (0..<2000).map { _ in Float(generator.normal()) })
    let seven = KMeans(nClusters: 7)
    let unsure = try Stability(
      of: seven, on: shapeless, reference: seven.partition(shapeless, seed: Seed(1), workers: pool), seed: Seed(2),
      workers: pool)
    #expect(unsure.meanARI < 0.6)
    #expect(hdbscan.adapted(toFraction: 0.5) == HDBSCAN(minClusterSize: 10))
  }

  @Test func intervalsHoldTheMeanAndAreOneRoundsValueForOneRound() throws {
    let pool = WorkerPool(threads: 2)
    let points = Clouds.gaussian.rows(200, columns: 3, seed: 2)
    let three = KMeans(nClusters: 3, nInit: 2)
    let reference = try three.partition(points, seed: Seed(1), workers: pool)
    for resampling in [Stability.Resampling.subsample(0.5), .bootstrap] {
      let stability = try Stability(
        of: three, on: points, reference: reference, by: resampling, units: nil, rounds: 12, seed: Seed(2),
        workers: pool)
      for (mean, interval) in zip(stability.jaccard, stability.jaccardIntervals) {
        #expect(interval!.contains(mean) && interval!.lowerBound < interval!.upperBound)
      }
      let once = try Stability(
        of: three, on: points, reference: reference, by: resampling, units: nil, rounds: 1, seed: Seed(2),
        workers: WorkerPool(threads: 3))
      #expect(once.ari[0] == stability.ari[0])
      #expect(zip(once.jaccard, once.jaccardIntervals).allSatisfy { $1 == $0...$0 })
    }
    let halves = try Stability(
      of: three, on: points, reference: reference, rounds: 12, seed: Seed(2), workers: pool)
    let spelled = try Stability(
      of: three, on: points, reference: reference, by: .subsample(0.5), units: Array(0..<200), rounds: 12,
      seed: Seed(2), workers: pool)
    #expect(halves == spelled)
  }

  /// A clusterer that notes how many rows of each unit it was given, to see units drawn whole.
  @Test func unitsAreDrawnWhole() throws {
    struct Whole: Clusterer {
      func partition(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Partition {
        let units = try points.loaded().storage.map { Int($0) }
        var counts: [Int: Int] = [:]
        for unit in units { counts[unit, default: 0] += 1 }
        #expect(counts.values.allSatisfy { $0 % 4 == 0 })
        return Partition(rawLabels: units.map { $0 % 2 }, strengths: units.map { _ in 1 })
      }
    }
    let units = (0..<80).map { $0 % 20 }
    let points = Matrix(rows: 80, columns: 1, storage: units.map { Float($0) })
    let reference = Partition(rawLabels: units.map { $0 % 2 }, strengths: units.map { _ in 1 })
    for resampling in [Stability.Resampling.subsample(0.3), .bootstrap] {
      let stability = try Stability(
        of: Whole(), on: points, reference: reference, by: resampling, units: units, rounds: 5, seed: Seed(1),
        workers: WorkerPool(threads: 1))
      #expect(stability.meanARI == 1 && stability.jaccardIntervals.allSatisfy { $0 == 1...1 })
    }
  }

  @Test func stabilityIsCorrectedForWhatACloudReaches() throws {
    let pool = WorkerPool(threads: 2)
    let two = KMeans(nClusters: 2, nInit: 3)
    func corrected(_ points: Matrix) throws -> [Double] {
      let stability = try Stability(
        of: two, on: points, reference: two.partition(points, seed: Seed(1), workers: pool), seed: Seed(2),
        workers: pool)
      let chance = try ChanceStability(of: two, on: points, seed: Seed(3), workers: pool)
      #expect(chance.jaccard > 0.75 && chance.ari > 0.6)
      return stability.jaccard.map(chance.corrected)
    }
    // Halves of a long cloud are found again and again, as they are in any such cloud.
    #expect(try corrected(Clouds.elongated.rows(500, columns: 4, seed: 1)).allSatisfy { $0 < 0.35 })
    let planted = Planted.blobs(rows: 500, columns: 4, groups: 2, spread: 1, seed: 1).points
    #expect(try corrected(planted).allSatisfy { $0 > 0.9 })
  }
}
