import Foundation
import Reduction
import Tensors
import TestSupport
import Testing

struct PCATests {
  private let pool = WorkerPool(threads: 2)

  private func matrix(_ fixture: Fixture, _ name: String) -> Matrix {
    let shape = fixture.shape(name)
    return Matrix(rows: shape[0], columns: shape[1], storage: fixture.floats(name))
  }

  @Test(arguments: [
    ("tall", PCA(nComponents: .count(8)), 1e-9), ("whitened", PCA(nComponents: .count(8), whiten: 1), 1e-9),
    ("variance", PCA(nComponents: .variance(0.9)), 1e-9), ("all", PCA(nComponents: .atMost(50)), 1e-9),
    ("wide", PCA(nComponents: .count(10)), 1e-9), ("offset", PCA(nComponents: .count(5)), 1e-7),
  ])
  func equalsScikitLearn(name: String, pca: PCA, tolerance: Double) throws {
    let fixture = try Fixture("Reduction/pca")
    let x = matrix(fixture, "\(name).x")
    let fitted = try pca.fit(x, workers: pool)
    #expect(normalizedError(fitted.mean, fixture.doubles("\(name).mean")) < 1e-12)
    #expect(normalizedError(fitted.components, fixture.doubles("\(name).components")) < tolerance)
    #expect(normalizedError(fitted.explainedVariance, fixture.doubles("\(name).variance")) < tolerance)
    #expect(normalizedError(fitted.explainedVarianceRatio, fixture.doubles("\(name).ratio")) < tolerance)
    #expect(normalizedError(fitted.singularValues, fixture.doubles("\(name).singular")) < tolerance)
    let points = try fitted.transform(x, workers: pool)
    let expected = fixture.doubles("\(name).points")
    #expect(normalizedError(points.storage.map { Double($0) }, expected) < 1e-6)
    let errors = try fitted.reconstructionErrors(of: x, workers: pool)
    let scale = x.storage.reduce(0) { max($0, Double($1 * $1)) }
    for (a, b) in zip(errors, fixture.doubles("\(name).errors")) { #expect(abs(a - b) < 1e-9 * scale) }
  }

  @Test func theSameBytesAtAnyThreadCount() throws {
    var generator = Seed(3).generator()
    let x = Matrix(rows: 3000, columns: 24, storage: (0..<72_000).map { _ in Float(generator.normal()) })
    let pca = PCA(nComponents: .count(10), whiten: 1)
    let one = try pca.fit(x, workers: WorkerPool(threads: 1))
    for threads in 2...3 {
      let pool = WorkerPool(threads: threads)
      let other = try pca.fit(x, workers: pool)
      #expect(other == one)
      #expect(try other.transform(x, workers: pool) == one.transform(x, workers: WorkerPool(threads: 1)))
    }
  }

  @Test func keepingAllComponentsLosesNothing() throws {
    let x = matrix(try Fixture("Reduction/pca"), "all.x")
    for whiten in [0, 0.5, 1] {
      let fitted = try PCA(nComponents: .count(20), whiten: whiten).fit(x, workers: pool)
      let back = fitted.inverseTransform(try fitted.transform(x, workers: pool))
      #expect(normalizedError(back.storage, x.storage) < 1e-5)
      #expect(try fitted.reconstructionErrors(of: x, workers: pool).allSatisfy { $0 < 1e-20 })
      #expect(abs(fitted.explainedVarianceRatio.reduce(0, +) - 1) < 1e-12)
    }
  }

  /// To the power ½, each coordinate's deviation is the root of the component's own.
  @Test func whiteningByHalfTakesTheRootOfEveryDeviation() throws {
    let x = matrix(try Fixture("Reduction/pca"), "all.x")
    let fitted = try PCA(nComponents: .count(6), whiten: 0.5).fit(x, workers: pool)
    let points = try fitted.transform(x, workers: pool)
    for k in 0..<6 {
      let square = (0..<points.rows).reduce(0.0) { $0 + pow(Double(points[$1, k]), 2) } / Double(points.rows - 1)
      #expect(abs(square / fitted.explainedVariance[k].squareRoot() - 1) < 1e-6, "component \(k)")
    }
  }

  /// Three directions in ten columns: the other seven have no variance, and whitening must not blow them up.
  @Test func directionsWithoutVarianceGiveZero() throws {
    var generator = Seed(4).generator()
    let basis = (0..<30).map { _ in generator.integer(below: 5) - 2 }
    var rows: [[Float]] = []
    for _ in 0..<100 {
      let weights = (0..<3).map { _ in generator.integer(below: 7) - 3 }
      rows.append((0..<10).map { c in Float((0..<3).reduce(0) { $0 + weights[$1] * basis[$1 * 10 + c] }) })
    }
    let x = Matrix(rowsOf: rows)
    let fitted = try PCA(nComponents: .count(10), whiten: 1).fit(x, workers: pool)
    #expect(fitted.explainedVariance[3...].allSatisfy { $0 < 1e-12 * fitted.explainedVariance[0] })
    let points = try fitted.transform(x, workers: pool)
    for row in 0..<100 { #expect(points.row(row)[3...].allSatisfy { $0 == 0 }) }
  }

  @Test func rowsThatAreAllEqual() throws {
    let x = Matrix(rows: 20, columns: 4, repeating: 2.5)
    let fitted = try PCA(nComponents: .count(2), whiten: 1).fit(x, workers: pool)
    #expect(fitted.explainedVarianceRatio == [0, 0])
    #expect(try fitted.transform(x, workers: pool).storage.allSatisfy { $0 == 0 })
    #expect(try PCA(nComponents: .variance(0.5)).fit(x, workers: pool).count == 1)
  }

  @Test func whatIsRefused() {
    var bad = Matrix(rows: 600, columns: 3, repeating: 1)
    bad[577, 1] = .nan
    bad[580, 1] = .infinity
    #expect(throws: PCA.Failure.notFinite(row: 577)) { try PCA(nComponents: .count(2)).fit(bad, workers: pool) }
    #expect(throws: PCA.Failure.tooFewRows(1)) {
      try PCA(nComponents: .count(1)).fit(Matrix(rows: 1, columns: 3), workers: pool)
    }
    #expect(throws: PCA.Failure.tooManyComponents(asked: 4, rows: 9, columns: 3)) {
      try PCA(nComponents: .count(4)).fit(Matrix(rows: 9, columns: 3), workers: pool)
    }
  }
}
