import Clustering
import Tensors
import Testing

struct GapStatisticTests {
  /// Powers of e make the logarithms whole.
  @Test func gapsByHand() {
    func e(_ power: Double) -> Double { exponential(power) }
    let gap = GapStatistic(
      scatter: [e(4), e(1), e(0.9)], references: [[e(4), e(3), e(2.6)], [e(4), e(2), e(1.8)]])
    let expected = [0, 1.5, 1.3]
    #expect(zip(gap.gaps, expected).allSatisfy { abs($0 - $1) < 1e-12 })
    // Deviations 0, 1/2 and 0.4, times √(1 + 1/2).
    let errors = [0, 0.5, 0.4].map { $0 * 1.5.squareRoot() }
    #expect(zip(gap.errors, errors).allSatisfy { abs($0 - $1) < 1e-12 })
    // 0 < 1.5 − 0.61, and 1.5 ≥ 1.3 − 0.49.
    #expect(gap.firstSufficient == 2 && gap.largest == 2)
    let rising = GapStatistic(scatter: [1, e(-1), e(-2)], references: [[1, 1, 1]])
    #expect(rising.firstSufficient == 3 && rising.largest == 3)
    let flat = GapStatistic(scatter: [1, 1], references: [[1, 1]])
    #expect(flat.firstSufficient == 1 && flat.largest == 1)
    let exhausted = GapStatistic(scatter: [1, 0], references: [[1, 0.5]])
    #expect(exhausted.gaps[1].isFinite && exhausted.largest == 2)
  }

  @Test(arguments: StructurelessRows.Kind.allCases)
  func threeFarGroupsAreThree(kind: StructurelessRows.Kind) throws {
    let points = Planted.blobs(rows: 150, columns: 5, groups: 3, spread: 0.5, seed: 4).points
    let one = try GapStatistic(
      of: points, upTo: 6, kind: kind, references: 5, seed: Seed(3), workers: WorkerPool(threads: 1))
    #expect(one.firstSufficient == 3 && one.largest == 3)
    let three = try GapStatistic(
      of: points, upTo: 6, kind: kind, references: 5, seed: Seed(3), workers: WorkerPool(threads: 3))
    #expect(one == three)
  }

  @Test func structurelessRowsKeepWhatTheySay() throws {
    var generator = Seed(8).generator()
    // Long along the diagonal of the first two columns.
    let points = Matrix(
      rowsOf: (0..<400).map { _ in
        let (far, near) = (10 * generator.normal(), generator.normal())
        return [Float(far + near + 7), Float(far - near), Float(0.1 * generator.normal())]
      })
    let rows = try StructurelessRows(like: points)
    let permuted = rows.draw(.permutedFeatures, count: 400, seed: Seed(1))
    for c in 0..<3 {
      #expect((0..<400).map { permuted[$0, c] }.sorted() == (0..<400).map { points[$0, c] }.sorted())
    }
    let gaussian = rows.draw(.gaussian, count: 4000, seed: Seed(1))
    let deviations = (0..<3).map { deviation(gaussian, $0) }
    let expected = [10 * 2.0.squareRoot(), 2.0.squareRoot(), 0.1]
    #expect(zip(deviations, expected).allSatisfy { abs($0 / $1 - 1) < 0.1 })
    let box = rows.draw(.uniformBox, count: 4000, seed: Seed(1))
    // The box is as long as the diagonal's scores reach, and its deviation is its length over √12.
    let reach = (0..<400).map { (Double(points[$0, 0]) + Double(points[$0, 1])) / 2.0.squareRoot() }
    let length = reach.max()! - reach.min()!
    #expect(abs(deviation(box, 0) / (length / 12.0.squareRoot()) - 1) < 0.1)
    #expect(rows.draw(.gaussian, count: 10, seed: Seed(2)) == rows.draw(.gaussian, count: 10, seed: Seed(2)))
    #expect(try StructurelessRows(like: Matrix(rows: 4, columns: 0)).draw(.gaussian, count: 2, seed: Seed(1)).rows == 2)
  }

  @Test func predictionStrengthByHand() {
    // Group 0 has three pairs, one kept together; group 1 keeps its only pair.
    #expect(PredictionStrength.value(own: [0, 0, 0, 1, 1], predicted: [0, 0, 1, 1, 1]) == 1.0 / 3)
    #expect(PredictionStrength.value(own: [0, 0, 1, 1], predicted: [1, 1, 0, 0]) == 1)
    #expect(PredictionStrength.value(own: [0, 0, 1], predicted: [0, 0, 1]) == 0)
    #expect(PredictionStrength.value(own: [0, 0], predicted: [0, 0]) == 1)
  }

  private func deviation(_ rows: Matrix, _ column: Int) -> Double {
    let values = (0..<rows.rows).map { Double(rows[$0, column]) }
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }
}
