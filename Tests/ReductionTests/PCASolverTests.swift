import Foundation
import Reduction
import Tensors
import TestSupport
import Testing

/// Every solver against numpy in float64, and against one another, on rows that are hard on arithmetic.
struct PCASolverTests {
  private let pool = WorkerPool(threads: 2)
  /// Of components, normalised: what 32-bit products promise, and what 64 bits give.
  private static let fast = 1e-4
  private static let exact = 1e-6

  private static let solvers: [(PCA.Solver, Double)] = [
    (.covariance, fast), (.covariance64, exact), (.svd, exact), (.randomized(seed: Seed(1)), exact),
  ]

  private func matrix(_ fixture: Fixture, _ name: String) -> Matrix {
    let shape = fixture.shape(name)
    return Matrix(rows: shape[0], columns: shape[1], storage: fixture.floats(name))
  }

  @Test(arguments: ["plain", "offset 1e3", "offset 1e6", "scales", "drift"])
  func equalsNumPy(name: String) throws {
    let fixture = try Fixture("Reduction/pca_solvers")
    let x = matrix(fixture, "\(name).x")
    for (solver, tolerance) in Self.solvers {
      let fitted = try PCA(nComponents: .count(10), solver: solver).fit(x, workers: pool)
      // The drift outweighs what else there is by far: that is noticed.
      #expect(fitted.solver == (name == "drift" && solver == .covariance ? .covariance64 : solver))
      for c in 0..<10 {
        let (mean, deviation) = (fixture.doubles("\(name).mean")[c], fitted.deviation(of: c))
        #expect(abs(fitted.mean[c] - mean) < 1e-7 * deviation + 1e-12 * abs(mean), "\(solver)")
      }
      let components = normalizedError(fitted.components, fixture.doubles("\(name).components"))
      #expect(components < tolerance, "\(solver): \(components)")
      for (found, expected) in zip(fitted.explainedVariance, fixture.doubles("\(name).variance")) {
        // To the tolerance of each where it has figures left beside the largest, whose rounding every one shares.
        let room = tolerance * expected + 1e-14 * fitted.explainedVariance[0]
        #expect(abs(found - expected) < room, "\(solver): \(found), \(expected)")
      }
    }
  }

  /// Two variances equal to 1e-9: the plane of their components is compared, and the others as they are.
  @Test func nearlyEqualVariancesSpanTheSamePlane() throws {
    let fixture = try Fixture("Reduction/pca_solvers")
    let expected = fixture.doubles("nearly equal.components")
    for (solver, tolerance) in Self.solvers {
      let fitted = try PCA(nComponents: .count(10), solver: solver).fit(
        matrix(fixture, "nearly equal.x"), workers: pool)
      #expect(fitted.solver == solver)
      func plane(_ rows: [Double], _ i: Int, _ j: Int) -> Double {
        (1...2).reduce(0) { $0 + rows[$1 * 10 + i] * rows[$1 * 10 + j] }
      }
      for i in 0..<10 {
        for j in 0..<10 {
          #expect(abs(plane(fitted.components, i, j) - plane(expected, i, j)) < tolerance, "\(solver)")
        }
      }
      for k in [0, 3, 4, 5, 6, 7, 8, 9] {
        let range = k * 10..<(k + 1) * 10
        #expect(normalizedError(Array(fitted.components[range]), Array(expected[range])) < tolerance, "\(solver) \(k)")
      }
    }
  }

  /// Signal in 12 of 40 columns' directions, so that few of many components are wanted: the randomised solver has to find them.
  @Test func solversAgreeOnTheLargestComponents() throws {
    let x = planted(rows: 2500, columns: 40, directions: 12, seed: 8)
    let exact = try PCA(nComponents: .count(9), solver: .svd).fit(x, workers: pool)
    for (solver, tolerance) in Self.solvers {
      let fitted = try PCA(nComponents: .count(9), solver: solver).fit(x, workers: pool)
      #expect(normalizedError(fitted.components, exact.components) < tolerance, "\(solver)")
      #expect(normalizedError(fitted.explainedVarianceRatio, exact.explainedVarianceRatio) < tolerance, "\(solver)")
    }
  }

  /// A share is a share of the whole variance, whichever part of the spectrum a solver sees.
  @Test(arguments: [0.3, 0.9, 0.999])
  func aShareOfVarianceKeepsEquallyMany(share: Double) throws {
    let x = planted(rows: 900, columns: 70, directions: 60, seed: 9)
    let counts = try Self.solvers.map {
      try PCA(nComponents: .variance(share), solver: $0.0).fit(x, workers: pool).count
    }
    #expect(Set(counts).count == 1, "\(counts)")
    #expect(counts[0] > 1 && counts[0] < 70)
  }

  /// A direction that outweighs the others more and more: the fast solver keeps its promise, in 32 bits or in 64.
  @Test func aDirectionThatOutweighsTheOthers() throws {
    var used: [PCA.Solver] = []
    for weight in [1.0, 10, 100, 1000, 1e4] {
      var x = planted(rows: 4000, columns: 24, directions: 0, seed: 20, noise: 0.02)
      var generator = Seed(21).generator()
      let heavy = (0..<24).map { _ in generator.normal() }
      x.changeRows { row in
        let along = weight * generator.normal()
        // Six more along unit directions, each half the variance of the one before.
        for c in 0..<6 { row[4 * c] += Float(pow(0.5, Double(c) / 2) * generator.normal()) }
        for c in 0..<24 { row[c] += Float(along * heavy[c]) }
      }
      let exact = try PCA(nComponents: .count(7), solver: .svd).fit(x, workers: pool)
      let fitted = try PCA(nComponents: .count(7), solver: .covariance).fit(x, workers: pool)
      #expect(normalizedError(fitted.components, exact.components) < Self.fast, "weight \(weight)")
      used.append(fitted.solver)
    }
    #expect(used.first == .covariance && used.last == .covariance64)
  }

  @Test func fewRowsManyColumnsAndViceVersa() throws {
    var generator = Seed(12).generator()
    for (rows, columns) in [(2, 1), (2, 6), (7, 30), (385, 1), (30, 30)] {
      let x = Matrix(
        rows: rows, columns: columns, storage: (0..<rows * columns).map { _ in Float(generator.normal()) })
      let count = min(rows - 1, columns)
      let exact = try PCA(nComponents: .count(count), solver: .svd).fit(x, workers: pool)
      for (solver, tolerance) in Self.solvers {
        let fitted = try PCA(nComponents: .count(count), solver: solver).fit(x, workers: pool)
        #expect(normalizedError(fitted.components, exact.components) < tolerance, "\(solver) \(rows) × \(columns)")
        let most = try PCA(nComponents: .atMost(100), solver: solver).fit(x, workers: pool)
        #expect(most.count == min(rows, columns), "\(solver)")
      }
    }
  }

  /// Three directions in eight columns, two more columns constant: the rest of the spectrum is nothing, by every solver.
  @Test func constantColumnsAndDependentOnes() throws {
    var x = planted(rows: 800, columns: 10, directions: 3, seed: 13, noise: 0)
    x.changeRows {
      $0[4] = 7e5
      $0[9] = 0
    }
    for (solver, tolerance) in Self.solvers {
      let fitted = try PCA(nComponents: .count(10), solver: solver).fit(x, workers: pool)
      // Asked for directions that aren't there, 32 bits would answer with their rounding errors.
      #expect(fitted.solver == (solver == .covariance ? .covariance64 : solver))
      // 32-bit rows hold their three directions to 32 bits only.
      #expect(fitted.explainedVariance[3...].allSatisfy { $0 < 1e-12 * fitted.explainedVariance[0] }, "\(solver)")
      for k in 0..<3 {
        #expect(abs(fitted.components[k * 10 + 4]) < tolerance && abs(fitted.components[k * 10 + 9]) < tolerance)
      }
    }
  }

  /// Squares that 32 bits can't hold: the fast solver does it in 64 and says so.
  @Test(arguments: [Float(1e18), 1e22, 1e-16])
  func theFastSolverNoticesWhatItCannotHold(scale: Float) throws {
    var x = planted(rows: 700, columns: 6, directions: 6, seed: 14)
    x.changeRows { row in for c in 0..<6 { row[c] *= scale } }
    let fitted = try PCA(nComponents: .count(6), solver: .covariance).fit(x, workers: pool)
    #expect(fitted.solver == .covariance64)
    let exact = try PCA(nComponents: .count(6), solver: .svd).fit(x, workers: pool)
    #expect(normalizedError(fitted.components, exact.components) < Self.exact)
  }

  @Test func autoLooksAtTheShapeAlone() {
    #expect(PCA.Solver.auto.settled(rows: 10, columns: 20) == .svd)
    #expect(PCA.Solver.auto.settled(rows: 3640, columns: 384) == .covariance64)
    #expect(PCA.Solver.auto.settled(rows: 3641, columns: 384) == .covariance)
    #expect(PCA.Solver.covariance.settled(rows: 10, columns: 20) == .covariance)
    #expect(PCA.Solver.svd.settled(rows: 1_000_000, columns: 384) == .svd)
  }

  /// Ten million rows take no more than a hundred thousand, and each thread adds its blocks.
  @Test func workingMemoryDoesNotGrowWithTheRows() {
    let pca = PCA(nComponents: .count(64), solver: .covariance)
    let bytes = pca.workingBytes(rows: 100_000, columns: 384, threads: 2)
    #expect(pca.workingBytes(rows: 10_000_000, columns: 384, threads: 2) == bytes)
    #expect(bytes < 64 << 20)
    #expect(pca.workingBytes(rows: 100_000, columns: 384, threads: 3) > bytes)
  }

  /// The lowest bad row is named, by every solver, whichever stripe comes first.
  @Test func rowsThatAreNotFinite() {
    var x = planted(rows: 9000, columns: 5, directions: 5, seed: 15)
    x[8800, 0] = .infinity
    x[4321, 3] = .nan
    x[4322, 1] = .nan
    for (solver, _) in Self.solvers {
      for threads in 1...3 {
        #expect(throws: PCA.Failure.notFinite(row: 4321), "\(solver)") {
          try PCA(nComponents: .count(2), solver: solver).fit(x, workers: WorkerPool(threads: threads))
        }
      }
    }
  }
}

extension PCA.Fitted {
  /// A column's standard deviation, where all components are kept.
  fileprivate func deviation(of column: Int) -> Double {
    (0..<count).reduce(0.0) { $0 + explainedVariance[$1] * pow(components[$1 * columns + column], 2) }.squareRoot()
  }
}

/// Normal rows along so many random directions of falling strength, a little noise everywhere.
func planted(rows: Int, columns: Int, directions: Int, seed: UInt64, noise: Double = 0.01) -> Matrix {
  var generator = Seed(seed).generator()
  let basis = (0..<directions * columns).map { _ in generator.normal() }
  var storage: [Float] = []
  storage.reserveCapacity(rows * columns)
  for _ in 0..<rows {
    let weights = (0..<directions).map { generator.normal() * pow(0.85, Double($0)) }
    for c in 0..<columns {
      let sum = (0..<directions).reduce(0.0) { $0 + weights[$1] * basis[$1 * columns + c] }
      storage.append(Float(0.5 + sum + noise * generator.normal()))
    }
  }
  return Matrix(rows: rows, columns: columns, storage: storage)
}
