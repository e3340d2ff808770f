import Clustering
import Tensors
import Testing

struct ClusterCountTests {
  private let pool = WorkerPool(threads: 2)

  @Test(arguments: Clouds.allCases)
  func aCloudHasNoStructure(cloud: Clouds) throws {
    for (rows, columns) in [(100, 50), (250, 2)] {
      let points = cloud.rows(rows, columns: columns, seed: rows + columns)
      let count = try ClusterCount(of: points, seed: Seed(1), workers: pool)
      #expect(count.verdict == .noStructure && count.estimate == 1 && count.apart == 1 && count.pValue > 0.05)
      #expect(count.plausible.lowerBound == 1)
    }
  }

  /// A true silhouette of 0.3: the groups' rows are not twice as far from the next group as from their own.
  @Test(arguments: [(2, 10), (4, 20), (7, 10)])
  func plantedGroupsAreCounted(groups: Int, columns: Int) throws {
    let points = Planted.unequal(rows: 600, columns: columns, groups: groups, silhouette: 0.3, seed: groups)
    let count = try ClusterCount(of: points, seed: Seed(1), workers: pool)
    #expect(count.verdict == .structure && count.pValue < 0.02)
    #expect(count.plausible.contains(groups) && count.plausible.count <= 6)
    #expect(count.plausible.contains(count.estimate) && count.apart <= groups)
    #expect(count.candidates.map(\.k) == Array(1...20))
    #expect(count.candidates[groups - 1].silhouette! > 0.2 && count.candidates[0].silhouette == nil)
  }

  @Test func permutingTheFeaturesRemovesTheStructure() throws {
    let points = Planted.unequal(rows: 400, columns: 40, groups: 5, silhouette: 0.3, seed: 3)
    let permuted = try StructurelessRows(like: points).draw(.permutedFeatures, count: points.rows, seed: Seed(5))
    #expect(try ClusterCount(of: permuted, seed: Seed(1), workers: pool).verdict == .noStructure)
    #expect(try ClusterCount(of: points, seed: Seed(1), workers: pool).verdict == .structure)
  }

  @Test func equalAtAnyThreadCountAndNearlyInAnyOrderOfRows() throws {
    let points = Planted.blobs(rows: 200, columns: 6, groups: 4, spread: 1, seed: 5).points
    let one = try ClusterCount(of: points, seed: Seed(2), workers: WorkerPool(threads: 1))
    #expect(one.verdict == .structure && one.estimate == 4 && one.plausible == 4...4 && one.remarks.isEmpty)
    for threads in 2...3 {
      #expect(try ClusterCount(of: points, seed: Seed(2), workers: WorkerPool(threads: threads)) == one)
    }
    var order = Array(0..<200)
    var generator = Seed(6).generator()
    generator.shuffle(&order)
    let other = try ClusterCount(of: points.rows(at: order), seed: Seed(2), workers: pool)
    #expect(other.verdict == .structure && other.plausible == 4...4)
  }

  @Test func groupsWithinGroupsAreCountedAtBothLevels() throws {
    // Three far groups of three near ones each.
    var generator = Seed(12).generator()
    let points = Matrix(
      rowsOf: (0..<720).map { row in
        let (coarse, fine) = (row % 3, row / 3 % 3)
        return (0..<8).map { c in
          Float((c == coarse ? 60 : 0) + (c == 3 + fine ? 9 : 0) + generator.normal())
        }
      })
    let count = try ClusterCount(of: points, seed: Seed(1), workers: pool)
    #expect(count.verdict == .structure && count.plausible.contains(3) && count.plausible.contains(9))
    #expect(count.remarks.contains(.nested(coarse: 3, fine: 9)))
  }

  @Test func fewRowsAreNotJudged() throws {
    let few = Clouds.gaussian.rows(30, columns: 3, seed: 1)
    let count = try ClusterCount(of: few, seed: Seed(1), workers: pool)
    #expect(count.verdict == .cannotTell && count.remarks == [.fewRows(30)] && count.plausible.lowerBound == 1)
    let tiny = try ClusterCount(of: Matrix(rowsOf: [[1], [2], [9]]), seed: Seed(1), workers: pool)
    #expect(tiny.verdict == .cannotTell && tiny.candidates.isEmpty && tiny.plausible == 1...2)
    #expect(tiny.remarks == [.fewRows(3)])
    #expect(throws: ClusteringError.noRows) {
      try ClusterCount(of: Matrix(rows: 0, columns: 2), seed: Seed(1), workers: pool)
    }
    #expect(throws: ClusteringError.notFinite(row: 1)) {
      try ClusterCount(of: Matrix(rowsOf: [[1], [.nan]]), seed: Seed(1), workers: pool)
    }
  }

  @Test func duplicatesAndConstantColumnsAreSaid() throws {
    let piles = Matrix(rowsOf: (0..<120).map { [Float($0 % 3 * ($0 % 3)), 5] })
    let count = try ClusterCount(of: piles, seed: Seed(1), workers: pool)
    #expect(count.verdict == .structure && count.estimate == 3 && count.plausible == 3...3)
    #expect(count.remarks.prefix(2) == [.constantColumns(1), .fewDistinctRows(3)])
    let equal = try ClusterCount(of: Matrix(rows: 80, columns: 3, repeating: 2), seed: Seed(1), workers: pool)
    #expect(equal.verdict == .noStructure && equal.plausible == 1...1)
    #expect(equal.remarks == [.constantColumns(3), .fewDistinctRows(1)])
    let none = try ClusterCount(of: Matrix(rows: 80, columns: 0), seed: Seed(1), workers: pool)
    #expect(none.verdict == .noStructure)
    let onlyOne = try ClusterCount(of: piles, upTo: 1, seed: Seed(1), workers: pool)
    #expect(onlyOne.verdict == .cannotTell && onlyOne.plausible == 1...1)
  }

  @Test func manyRowsAreSampledAndUnitsKeptTogether() throws {
    let planted = Planted.blobs(rows: 600, columns: 4, groups: 3, spread: 1, seed: 7).points
    let sampled = try ClusterCount(of: planted, upTo: 8, rowLimit: 300, seed: Seed(1), workers: pool)
    #expect(sampled.remarks.contains(.sampled(300)) && sampled.plausible == 3...3)
    // Twenty-five pictures of each of twelve patients of one cloud: what repeats is the patient, not a group.
    let patients = Clouds.gaussian.rows(12, columns: 4, seed: 3)
    var generator = Seed(4).generator()
    let images = Matrix(
      rowsOf: (0..<300).map { row in patients.row(row / 25).map { $0 + Float(0.02 * generator.normal()) } })
    let units = (0..<300).map { $0 / 25 }
    let apart = try ClusterCount(of: images, units: units, seed: Seed(1), workers: pool)
    let mixed = try ClusterCount(of: images, seed: Seed(1), workers: pool)
    #expect(mixed.verdict == .structure && apart.verdict != .structure)
  }
}

extension Planted {
  /// Gaussian groups of unequal sizes and spreads, their centres moved apart until the true groups' mean silhouette is as wanted.
  static func unequal(rows: Int, columns: Int, groups: Int, silhouette: Double, seed: Int) -> Matrix {
    var generator = Seed(700).split(seed).generator()
    let shares = (0..<groups).map { _ in generator.uniform(1...4) }
    let spreads = (0..<groups).map { _ in generator.uniform(0.6...1.4) }
    let centers = (0..<groups).map { _ in (0..<columns).map { _ in generator.normal() } }
    let total = shares.reduce(0, +)
    let labels = (0..<groups).flatMap { group in
      [Int](repeating: group, count: max(5, Int(Double(rows) * shares[group] / total)))
    }
    let offsets = labels.map { label in (0..<columns).map { _ in spreads[label] * generator.normal() } }
    let partition = Partition(rawLabels: labels, strengths: labels.map { _ in 1 })
    func points(_ scale: Double) -> Matrix {
      Matrix(
        rowsOf: zip(labels, offsets).map { label, offset in
          (0..<columns).map { Float(scale * centers[label][$0] + offset[$0]) }
        })
    }
    var (low, high) = (0.05, 50.0)
    for _ in 0..<14 {
      let middle = (low * high).squareRoot()
      let found = Silhouette(of: points(middle), partition, seed: Seed(1), workers: WorkerPool(threads: 1)).mean!
      if found < silhouette { low = middle } else { high = middle }
    }
    return points(high)
  }
}
