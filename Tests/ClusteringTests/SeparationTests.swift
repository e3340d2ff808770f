import Clustering
import Tensors
import Testing

struct SeparationTests {
  /// Ten rows at either end and one between: chance of at most one head in eleven tosses, at one of three places.
  @Test func aValleyByHand() {
    let rows: [[Float]] = (0..<10).flatMap { _ in [[0, 0], [6, 0]] } + [[2, 0], [3, 0], [4, 0], [4, 0]]
    let test = SeparationTest(between: Matrix(rowsOf: [[0, 0], [6, 0]]), by: Matrix(rowsOf: rows))
    #expect(test.pairs.count == 1 && test.pairs[0].rowsAtEnds == 10 && test.pairs[0].rowsBetween == 1)
    #expect(abs(test.pairs[0].pValue - 3 * 12 / 2048.0) < 1e-12)
    #expect(test.groups(apartAt: 0.02) == 2 && test.groups(apartAt: 0.01) == 1)
    #expect(test.leastLevel == test.pairs[0].pValue && test.pValueOfGroup == [test.leastLevel, test.leastLevel])
    // Rows far off the line are not between.
    let beside = rows + (0..<50).map { [3, 40 + Float($0)] }
    #expect(SeparationTest(between: Matrix(rowsOf: [[0, 0], [6, 0]]), by: Matrix(rowsOf: beside)).leastLevel < 0.02)
  }

  @Test func rowsInPiecesOfOneHumpAreJoinedThroughTheirNeighbours() {
    // Three piles in a row, the middle one cut in two.
    var generator = Seed(3).generator()
    let piles = (0..<300).map { [Float(20 * Double($0 % 3) + generator.normal()), Float(generator.normal())] }
    let centers = Matrix(rowsOf: [[0, 0], [19.3, 0], [20.7, 0], [40, 0]])
    let test = SeparationTest(between: centers, by: Matrix(rowsOf: piles))
    #expect(test.pairs.map { [$0.first, $0.second] } == [[0, 1], [1, 2], [2, 3]])
    #expect(test.groups(apartAt: 0.01) == 3)
    #expect(test.pValueOfGroup[0] < 1e-6 && test.pValueOfGroup[1] > 0.5 && test.pValueOfGroup[3] < 1e-6)
  }

  @Test func nothingToTellByIsNoSeparation() {
    let empty = SeparationTest(between: Matrix(rowsOf: [[0], [1]]), by: Matrix(rows: 0, columns: 1))
    #expect(empty.leastLevel == 1 && empty.groups(apartAt: 0.5) == 1)
    let same = SeparationTest(between: Matrix(rowsOf: [[2], [2]]), by: Matrix(rowsOf: [[2], [2]]))
    #expect(same.leastLevel == 1)
    let one = SeparationTest(between: Matrix(rowsOf: [[2]]), by: Matrix(rowsOf: [[2], [3]]))
    #expect(one.leastLevel == 1 && one.groupCount == 1 && one.pValueOfGroup == [1])
    // Binomials of thousands of rows stay finite.
    let many: [[Float]] = (0..<6000).map { [Float($0 % 60) / 10] }
    #expect(SeparationTest(between: Matrix(rowsOf: [[1], [5]]), by: Matrix(rowsOf: many)).leastLevel > 0.5)
  }

  /// One hump cut by k-means into 2…8, told by other rows of the same: a p-value below 0.05 is rarer than one in twenty.
  @Test func calibratedOnOneHump() throws {
    let pool = WorkerPool(threads: 2)
    var (low, all) = (0, 0)
    for (index, cloud) in Clouds.allCases.enumerated() {
      for columns in [2, 10] {
        let rows = cloud.rows(600, columns: columns, seed: index + 10 * columns)
        let half = rows.rows(at: Array(0..<300))
        for k in [2, 4, 8] {
          let fitted = try KMeans(nClusters: k, nInit: 1).fit(half, seed: Seed(1), workers: pool)
          let test = SeparationTest(between: fitted.centers, by: rows.rows(at: Array(300..<600)))
          all += test.pairs.count
          low += test.pairs.count { $0.pValue < 0.05 }
        }
      }
    }
    #expect(all > 200 && Double(low) < 0.02 * Double(all))
  }

  @Test func groupsOfAPartitionStandApartOrDoNot() throws {
    let pool = WorkerPool(threads: 2)
    let planted = Planted.blobs(rows: 300, columns: 5, groups: 4, spread: 0.7, seed: 2).points
    let four = KMeans(nClusters: 4, nInit: 3)
    let found = try GroupSeparation(
      of: four, on: planted, reference: four.partition(planted, seed: Seed(1), workers: pool), seed: Seed(2),
      workers: pool)
    #expect(found.pValues.count == 4 && found.pValues.allSatisfy { $0 < 0.01 })
    let cloud = Clouds.gaussian.rows(300, columns: 5, seed: 1)
    let two = KMeans(nClusters: 2, nInit: 3)
    let none = try GroupSeparation(
      of: two, on: cloud, reference: two.partition(cloud, seed: Seed(1), workers: pool), seed: Seed(2), workers: pool)
    #expect(none.pValues == [1, 1])
    // Rows of one unit stay together: with one unit there is no other half.
    let single = try GroupSeparation(
      of: two, on: cloud, reference: two.partition(cloud, seed: Seed(1), workers: pool),
      units: [Int](repeating: 7, count: 300), seed: Seed(2), workers: pool)
    #expect(single.pValues == [1, 1])
  }
}

/// Rows without groups, by several laws.
enum Clouds: CaseIterable {
  case gaussian, elongated, ball, cube, heavyTailed

  func rows(_ count: Int, columns: Int, seed: Int) -> Matrix {
    var generator = Seed(900).split(seed).generator()
    return Matrix(
      rowsOf: (0..<count).map { _ in
        var row = (0..<columns).map { _ in generator.normal() }
        switch self {
        case .gaussian: break
        case .elongated: for c in 0..<columns { row[c] /= Double(c + 1) }
        case .cube: for c in 0..<columns { row[c] = generator.uniform() }
        case .ball:
          let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
          let radius = power(generator.uniform(), 1 / Double(columns))
          for c in 0..<columns { row[c] *= radius / norm }
        case .heavyTailed:
          // Student's t with three degrees of freedom.
          let scale = (0..<3).reduce(0.0) { sum, _ in
            let z = generator.normal()
            return sum + z * z
          }
          for c in 0..<columns { row[c] /= (scale / 3).squareRoot() }
        }
        return row.map { Float($0) }
      })
  }
}
