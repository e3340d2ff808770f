import Clustering
import Tensors
import TestSupport
import Testing

/// Labels of every iteration against Lloyd's iteration written out plainly in 64 bits.
struct KMeansExactnessTests {
  private let pool = WorkerPool(threads: 2)

  /// Lloyd's iteration step by step: no blocks, no proposals, no bounds; sums in chunks of 512 rows, as documented for up to 32,768.
  private struct PlainLloyd {
    let x: [[Double]]
    var centers: [[Double]]
    var labels: [Int] = []

    init(_ points: Matrix, _ start: Matrix) {
      x = (0..<points.rows).map { points.row($0).map { Double($0) } }
      centers = (0..<start.rows).map { start.row($0).map { Double($0) } }
    }

    func square(_ a: [Double], _ b: [Double]) -> Double {
      var lanes = [0.0, 0, 0, 0]
      for c in a.indices {
        let lane = c < a.count / 4 * 4 ? c % 4 : 0
        lanes[lane] += (a[c] - b[c]) * (a[c] - b[c])
      }
      return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
    }

    mutating func assign() {
      labels = x.map { row in
        var best = (center: 0, square: Double.infinity)
        for (j, center) in centers.enumerated() {
          let square = square(row, center)
          if square < best.square { best = (j, square) }
        }
        return best.center
      }
    }

    mutating func move() {
      let (k, d) = (centers.count, x[0].count)
      var sums = [[Double]](repeating: [Double](repeating: 0, count: d), count: k)
      var counts = [Int](repeating: 0, count: k)
      for start in stride(from: 0, to: x.count, by: 512) {
        var part = [[Double]](repeating: [Double](repeating: 0, count: d), count: k)
        for row in start..<min(start + 512, x.count) {
          counts[labels[row]] += 1
          for c in 0..<d { part[labels[row]][c] += x[row][c] }
        }
        for j in 0..<k { for c in 0..<d { sums[j][c] += part[j][c] } }
      }
      let empty = counts.indices.filter { counts[$0] == 0 }
      if !empty.isEmpty {
        let squares = x.indices.map { square(x[$0], centers[labels[$0]]) }
        let farthest = squares.indices.sorted { squares[$0] != squares[$1] ? squares[$0] > squares[$1] : $0 < $1 }
        if squares[farthest[0]] > 0 {
          for (group, row) in zip(empty, farthest) {
            for c in 0..<d {
              sums[labels[row]][c] -= x[row][c]
              sums[group][c] = x[row][c]
            }
            counts[group] = 1
            counts[labels[row]] -= 1
          }
        }
      }
      let largest = counts.indices.first { counts[$0] == counts.max() }!
      for j in 0..<k {
        let source = counts[j] > 0 ? j : largest
        for c in 0..<d { centers[j][c] = sums[source][c] / Double(max(counts[source], 1)) }
      }
    }
  }

  /// Labels after each of some iterations, and the centres then, must be those of the plain loop, to the bit.
  private func check(_ name: String, _ points: Matrix, _ start: Matrix, iterations: Int = 7) throws {
    var plain = PlainLloyd(points, start)
    plain.assign()
    for iteration in 1...iterations {
      let before = plain.labels
      plain.move()
      plain.assign()
      let fitted = try KMeans(nClusters: start.rows, maxIterations: iteration, tolerance: 0).fit(
        points, from: start, workers: pool)
      // Labels that settled are not asked for again.
      if fitted.iterations < iteration || plain.labels == before { return }
      #expect(fitted.partition.rawLabels.map { $0! } == plain.labels, "\(name), iteration \(iteration)")
      let centers = fitted.partition.rawNumbers.flatMap { plain.centers[$0].map { Float($0) } }
      #expect(fitted.centers.storage == centers, "\(name), iteration \(iteration)")
      let strengths = (0..<points.rows).map { row -> Float in
        let own = plain.labels[row]
        let a = plain.square(plain.x[row], plain.centers[own])
        var b = Double.infinity
        for j in plain.centers.indices where j != own { b = min(b, plain.square(plain.x[row], plain.centers[j])) }
        return b > a ? Float(1 - (a / b).squareRoot()) : 0
      }
      #expect(fitted.partition.strengths == strengths, "\(name), iteration \(iteration)")
    }
  }

  private func random(_ rows: Int, _ columns: Int, _ seed: Int, _ number: (inout RandomGenerator) -> Double) -> Matrix {
    var generator = Seed(UInt64(seed)).split("exactness").generator()
    return Matrix(
      rows: rows, columns: columns, storage: (0..<rows * columns).map { _ in Float(number(&generator)) })
  }

  @Test func randomSets() throws {
    try withEvery("seed", in: 0..<3) { seed in
      for (rows, columns, k) in [(700, 2, 5), (900, 17, 40), (1100, 8, 130), (300, 66, 33)] {
        let x = random(rows, columns, seed) { $0.normal() }
        try check("normal \(rows) × \(columns), \(k), seed \(seed)", x, x.rows(at: Array(0..<k)), iterations: 6)
      }
    }
  }

  @Test func overlappingGroupsOfManySizes() throws {
    try withEvery("seed", in: 0..<3) { seed in
      let x = Planted.blobs(rows: 1200, columns: 12, groups: 20, spread: 2, seed: seed).points
      try check("blobs, seed \(seed)", x, x.rows(at: Array(0..<45)), iterations: 9)
      // One huge group: nine rows in ten are the same group's.
      let huge = x.rows(at: (0..<1200).map { $0 % 10 == 0 ? $0 : $0 / 20 * 20 })
      try check("one huge group, seed \(seed)", huge, huge.rows(at: Array(0..<40)))
    }
  }

  /// Centres that start in one corner travel for many iterations, so far that bytes run out and paths are taken out of them.
  @Test func longWays() throws {
    try withEvery("seed", in: 0..<2) { seed in
      for (columns, k) in [(1, 24), (2, 40)] {
        let x = random(900, columns, seed) { 100 * $0.uniform() }
        let corner = (0..<900).sorted { (x[$0, 0], $0) < (x[$1, 0], $1) }.prefix(k)
        try check("corner, \(columns), seed \(seed)", x, x.rows(at: Array(corner)), iterations: 14)
      }
    }
  }

  /// Distances on a grid of whole numbers are exact: many ties, all real.
  @Test func tiesOnGrids() throws {
    try withEvery("seed", in: 0..<6) { seed in
      for (columns, side, k) in [(2, 6.0, 9), (3, 3.0, 20), (1, 40.0, 16)] {
        let x = random(640, columns, seed) { ($0.uniform() * side).rounded(.down) }
        try check("grid \(columns), \(side), seed \(seed)", x, x.rows(at: Array(0..<k)), iterations: 5)
      }
    }
  }

  @Test func farFromTheOriginAndConstantColumns() throws {
    try withEvery("seed", in: 0..<3) { seed in
      let x = random(600, 5, seed) { $0.normal() + 1e6 }
      try check("offset, seed \(seed)", x, x.rows(at: Array(0..<24)))
      var constant = random(600, 6, seed) { $0.normal() }
      for row in 0..<600 { (constant[row, 1], constant[row, 4]) = (7, -1e6) }
      try check("constant columns, seed \(seed)", constant, constant.rows(at: Array(0..<24)))
      var outlier = random(600, 4, seed) { $0.normal() }
      outlier[17, 2] = 1e7
      try check("outlier, seed \(seed)", outlier, outlier.rows(at: Array(0..<30)))
    }
  }

  @Test func duplicatesEmptyGroupsAndAsManyGroupsAsRows() throws {
    try withEvery("seed", in: 0..<3) { seed in
      let x = random(60, 3, seed) { $0.normal() }
      let copies = x.rows(at: (0..<600).map { $0 % 60 })
      try check("duplicates, seed \(seed)", copies, x.rows(at: Array(0..<20)))
      try check("more groups than distinct rows, seed \(seed)", copies, copies.rows(at: Array(0..<70)))
      try check("every row a group, seed \(seed)", x, x.rows(at: Array(0..<60).reversed()))
      var far = x.rows(at: Array(0..<12))
      for group in 8..<12 { far[group, 0] = 400 }
      try check("empty groups, seed \(seed)", copies, far)
    }
  }

  /// Rows of a source that is not in memory, in small loans; the fit must be equal to the bit, and so with few bounds or none.
  private struct Lent: RowSource {
    let matrix: Matrix
    var rows: Int { matrix.rows }
    var columns: Int { matrix.columns }
    func withRows<R>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R {
      precondition(range.count <= 4096, "a loan of \(range.count) rows")
      return try matrix.withRows(range, body)
    }
  }

  @Test func streamedEqualsHeldAtAnyThreadCount() throws {
    let x = Planted.blobs(rows: 9000, columns: 6, groups: 12, spread: 3, seed: 2).points
    for seeding in [KMeans.Seeding.plusPlus, .parallel] {
      func fit(_ source: any RowSource, memory: Int, threads: Int) throws -> KMeans.Fitted {
        try KMeans(nClusters: 40, nInit: 1, maxIterations: 12, seeding: seeding, memory: memory).fit(
          source, seed: Seed(5), workers: WorkerPool(threads: threads))
      }
      let held = try fit(x, memory: .max, threads: 1)
      for (memory, threads) in [(0, 1), (100_000, 2), (200_000, 3)] {
        let streamed = try fit(Lent(matrix: x), memory: memory, threads: threads)
        #expect(streamed.partition == held.partition && streamed.centers == held.centers, "\(seeding), \(memory) bytes")
        #expect(streamed.inertia == held.inertia && streamed.iterations == held.iterations)
      }
    }
  }

  @Test func parallelSeedingIsAboutAsGood() throws {
    var (plus, parallel) = (0.0, 0.0)
    try withEvery("seed", in: 0..<4) { seed in
      let x = Planted.blobs(rows: 3000, columns: 5, groups: 25, spread: 1.5, seed: seed).points
      for (seeding, start) in [(KMeans.Seeding.plusPlus, 1), (.parallel, 2)] {
        let fitted = try KMeans(nClusters: 25, nInit: 1, maxIterations: 1, seeding: seeding).fit(
          x, seed: Seed(UInt64(seed)).split(start), workers: pool)
        if seeding == .plusPlus { plus += fitted.inertia } else { parallel += fitted.inertia }
      }
    }
    #expect(parallel < 1.15 * plus, "\(parallel) against \(plus)")
  }

  @Test func newRowsFindTheirCentres() throws {
    let x = Planted.blobs(rows: 900, columns: 7, groups: 9, spread: 1, seed: 6).points
    let fitted = try KMeans(nClusters: 9, nInit: 3).fit(x, seed: Seed(1), workers: pool)
    let again = try fitted.assign(x, workers: pool)
    #expect(again.labels == fitted.partition.labels.map { $0! })
    #expect(zip(again.strengths, fitted.partition.strengths).allSatisfy { abs($0 - $1) < 1e-5 })
    let there = try fitted.assign(fitted.centers, workers: pool)
    #expect(there.labels == Array(0..<9) && there.distances.allSatisfy { $0 == 0 })
    #expect(there.strengths.allSatisfy { $0 == 1 })
    let tie = CenterAssignmentCase(centers: [[0], [4], [0]], rows: [[2], [1], [9]])
    let assigned = try CenterAssignment(of: tie.rows, to: tie.centers, workers: pool)
    #expect(assigned.labels == [0, 0, 1] && assigned.distances == [2, 1, 5])
    #expect(normalizedError(assigned.strengths, [0, 0, 4.0 / 9]) < 1e-6)
    #expect(throws: ClusteringError.notFinite(row: 1)) {
      try CenterAssignment(of: Matrix(rowsOf: [[2], [.nan]]), to: tie.centers, workers: pool)
    }
  }

  private struct CenterAssignmentCase {
    let centers, rows: Matrix
    init(centers: [[Float]], rows: [[Float]]) {
      self.centers = Matrix(rowsOf: centers)
      self.rows = Matrix(rowsOf: rows)
    }
  }
}
