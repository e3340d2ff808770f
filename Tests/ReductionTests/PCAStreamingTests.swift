import Reduction
import Synchronization
import Tensors
import TestSupport
import Testing

/// Rows that are lent block by block, and what is projected block by block, against the same in memory: to the bit.
struct PCAStreamingTests {
  private static let solvers: [PCA.Solver] = [
    .covariance, .covariance64, .svd, .randomized(seed: Seed(2), oversampling: 4, powerIterations: 1),
  ]

  /// A source that counts: how often each row was read, and the largest block asked for.
  private final class CountingRows: RowSource {
    let base: Matrix
    private let counts: Mutex<(reads: [Int], largest: Int)>

    init(_ base: Matrix) {
      self.base = base
      counts = Mutex(([Int](repeating: 0, count: base.rows), 0))
    }

    var rows: Int { base.rows }
    var columns: Int { base.columns }
    var reads: Set<Int> { Set(counts.withLock { $0.reads }) }
    var largest: Int { counts.withLock { $0.largest } }

    func withRows<R>(_ range: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> R) throws -> R {
      counts.withLock { counts in
        for row in range { counts.reads[row] += 1 }
        counts.largest = max(counts.largest, range.count)
      }
      let copy = base.withUnsafeBufferPointer { Array($0[range.lowerBound * columns..<range.upperBound * columns]) }
      return try copy.withUnsafeBufferPointer(body)
    }
  }

  @Test func theSameBytesAtAnyThreadCountStreamingOrNot() throws {
    let x = planted(rows: 5000, columns: 21, directions: 21, seed: 3)
    for solver in Self.solvers {
      let pca = PCA(nComponents: .count(7), whiten: 1, solver: solver)
      let one = WorkerPool(threads: 1)
      let first = try pca.fit(x, workers: one)
      let points = try first.transform(x, workers: one)
      let errors = try first.reconstructionErrors(of: x, workers: one)
      for threads in 1...3 {
        let pool = WorkerPool(threads: threads)
        let source = CountingRows(x)
        let fitted = try pca.fit(source, workers: pool)
        #expect(fitted == first, "\(solver)")
        #expect(try fitted.transform(source, workers: pool) == points, "\(solver)")
        #expect(try fitted.reconstructionErrors(of: source, workers: pool) == errors, "\(solver)")
      }
    }
  }

  @Test func eachRowIsReadAsOftenAsTheSolverSays() throws {
    let x = planted(rows: 5000, columns: 21, directions: 21, seed: 3)
    let passes: [(PCA.Solver, Int)] = [
      (.covariance, 1), (.covariance64, 2), (.svd, 2), (.randomized(seed: Seed(2), powerIterations: 1), 4),
    ]
    let pool = WorkerPool(threads: 2)
    for (solver, expected) in passes {
      let source = CountingRows(x)
      let fitted = try PCA(nComponents: .count(7), solver: solver).fit(source, workers: pool)
      #expect(source.reads == [expected], "\(solver)")
      #expect(source.largest <= 384)
      let projected = CountingRows(x)
      try fitted.project(projected, workers: pool, measuringErrors: true) { _ in }
      #expect(projected.reads == [1] && projected.largest <= 384)
    }
  }

  @Test func blocksComeInOrderAndAreThoseOfTransform() throws {
    let x = planted(rows: 7001, columns: 12, directions: 12, seed: 4)
    for solver in Self.solvers {
      for threads in 1...3 {
        let pool = WorkerPool(threads: threads)
        let fitted = try PCA(nComponents: .count(5), whiten: 0.5, solver: solver).fit(x, workers: pool)
        var points: [Float] = []
        var errors: [Double] = []
        try fitted.project(x, workers: pool, measuringErrors: true) { block in
          #expect(block.rows.lowerBound == errors.count)
          points.append(contentsOf: block.coordinates)
          errors.append(contentsOf: block.errors)
        }
        #expect(points == (try fitted.transform(x, workers: pool).storage))
        #expect(errors == (try fitted.reconstructionErrors(of: x, workers: pool)))
        try fitted.project(x, workers: pool) { #expect($0.errors.isEmpty) }
      }
    }
    let none = Matrix(rows: 0, columns: 12)
    let fitted = try PCA(nComponents: .count(5)).fit(x, workers: WorkerPool(threads: 1))
    #expect(try fitted.transform(none, workers: WorkerPool(threads: 1)).rows == 0)
    try fitted.project(none, workers: WorkerPool(threads: 1)) { _ in Issue.record("a block of nothing") }
  }

  /// 32-bit products against 64-bit ones by the same components: coordinates within 1e-4 of the component's deviation, whitened or
  /// not; errors within 1e-4 of themselves, also of rows that lie on the components.
  @Test func fastProjectionIsNearTheExactOne() throws {
    let x = planted(rows: 1500, columns: 50, directions: 30, seed: 5, noise: 1e-4)
    let pool = WorkerPool(threads: 2)
    for whiten in [0.0, 1.0] {
      let exact = try PCA(nComponents: .count(30), whiten: whiten, solver: .covariance64).fit(x, workers: pool)
      let fast = PCA.Fitted(
        mean: exact.mean, components: exact.components, explainedVariance: exact.explainedVariance,
        explainedVarianceRatio: exact.explainedVarianceRatio, singularValues: exact.singularValues, whiten: whiten,
        solver: .covariance)
      let (a, b) = (try fast.transform(x, workers: pool), try exact.transform(x, workers: pool))
      for k in 0..<30 {
        let deviation = whiten == 1 ? 1 : fast.explainedVariance[k].squareRoot()
        for row in 0..<x.rows { #expect(abs(Double(a[row, k]) - Double(b[row, k])) < 1e-4 * deviation) }
      }
      let found = try fast.reconstructionErrors(of: x, workers: pool)
      for (error, expected) in zip(found, try exact.reconstructionErrors(of: x, workers: pool)) {
        #expect(abs(error - expected) <= 1e-4 * expected)
      }
    }
  }

  /// Rows at the other end of the world, and one that 32 bits can't hold.
  @Test func outliersAndBadRowsWhenProjecting() throws {
    let x = planted(rows: 2000, columns: 8, directions: 8, seed: 6)
    let pool = WorkerPool(threads: 2)
    let fitted = try PCA(nComponents: .count(3), solver: .covariance).fit(x, workers: pool)
    var far = x
    for c in 0..<8 { far[1000, c] = 3e38 }
    let points = try fitted.transform(far, workers: pool)
    #expect(points.row(999) == (try fitted.transform(x, workers: pool).row(999)))
    far[1500, 2] = .nan
    far[1999, 2] = .nan
    #expect(throws: PCA.Failure.notFinite(row: 1500)) { try fitted.transform(far, workers: pool) }
    #expect(throws: PCA.Failure.notFinite(row: 1500)) { try fitted.reconstructionErrors(of: far, workers: pool) }
  }
}
