import Tensors
import TestSupport
import Testing

struct LayoutEpochsTests {
  /// The power is an approximation to 2e-4, and Adam divides by what it adds up.
  private static let tolerance = 2e-3
  private let pool = WorkerPool(threads: 2)

  /// One vertex, pulled and pushed by one that stays: every stranger is that one too. Written down in 64 bits.
  private func twin(
    _ forces: LayoutEpochs.Forces, start: [Double], fixed: [Double], period: Double, epochs: Int
  ) -> [Double] {
    var place = start
    var first = start.map { _ in 0.0 }
    var second = first
    var due = period
    for epoch in 0..<epochs {
      var force = start.map { _ in 0.0 }
      if due <= Double(epoch) {
        due += period
        let way = zip(place, fixed).map { $0 - $1 }
        let square = way.reduce(0) { $0 + $1 * $1 }
        let scaled = forces.a * power(square, forces.b)
        let pull = -2 * forces.b * scaled / (square * (1 + scaled))
        let push = 2 * forces.b * forces.repulsion / ((0.001 + square) * (1 + scaled))
        for c in force.indices {
          force[c] += forces.attraction * min(4, max(-4, pull * way[c]))
          force[c] += Double(forces.negatives) * min(4, max(-4, push * way[c]))
        }
      }
      let rate = forces.rate * (1 - Double(epoch) / Double(epochs))
      for c in force.indices {
        first[c] = forces.beta1 * first[c] + (1 - forces.beta1) * force[c]
        second[c] = forces.beta2 * second[c] + (1 - forces.beta2) * force[c] * force[c]
        let mean = first[c] / (1 - power(forces.beta1, Double(epoch + 1)))
        let square = second[c] / (1 - power(forces.beta2, Double(epoch + 1)))
        place[c] += rate * mean / (square.squareRoot() + 1e-7)
      }
    }
    return place
  }

  @Test(arguments: [1, 2, 3, 7], [0, 1, 5, 11])
  func equalsThePlainFormula(dimensions: Int, negatives: Int) {
    let forces = LayoutEpochs.Forces(
      a: 1.577, b: 0.895, attraction: 2, repulsion: 0.7, negatives: negatives, rate: 0.3)
    for (period, distance) in [(1.0, 0.3), (1.7, 2.0), (3, 40), (2.3, 0.01)] {
      let fixed = (0..<dimensions).map { Double($0) - 1 }
      let start = fixed.enumerated().map { $1 + distance * ($0 % 2 == 0 ? 1 : -0.5) }
      var edges = LayoutEpochs.Edges()
      edges.starts = [0, 1]
      edges.ends = [0]
      edges.periods = [Float(period)]
      let moved = LayoutEpochs(forces: forces, epochs: 9).run(
        from: Matrix(rows: 1, columns: dimensions, storage: start.map { Float($0) }), edges: edges,
        fixed: Matrix(rows: 1, columns: dimensions, storage: fixed.map { Float($0) }), keys: [5], seed: Seed(1),
        workers: pool)
      let expected = twin(forces, start: start, fixed: fixed, period: Double(Float(period)), epochs: 9)
      for (a, b) in zip(moved.storage, expected) {
        #expect(abs(Double(a) - b) < Self.tolerance * max(1, distance), "\(period), \(distance): \(a) for \(b)")
      }
    }
  }

  /// More edges than a batch of the kernel holds, some of them sampled in an epoch: the middle of all pulls.
  @Test func aVertexOfManyEdgesIsPulledAmongThem() {
    let others = 700
    var generator = Seed(2).generator()
    let fixed = Matrix(
      rows: others, columns: 2,
      storage: (0..<others).flatMap { _ in [Float(5 + generator.uniform(-1...1)), Float(generator.uniform(-1...1))] })
    var edges = LayoutEpochs.Edges()
    edges.starts = [0, Int64(others), Int64(others)]
    edges.ends = (0..<others).map { Int32($0) }
    edges.periods = (0..<others).map { Float(1 + $0 % 4) }
    let moved = LayoutEpochs(
      forces: .init(a: 1.577, b: 0.895, attraction: 1, repulsion: 1, negatives: 0, rate: 1), epochs: 100
    ).run(
      from: Matrix(rowsOf: [[-9, 3], [1, 2]]), edges: edges, fixed: fixed, keys: [1, 2], seed: Seed(1), workers: pool)
    #expect(abs(moved[0, 0] - 5) < 0.3 && abs(moved[0, 1]) < 0.3)
    #expect(moved.row(1) == [1, 2], "without edges nothing moves")
  }

  @Test func coincidingVerticesStayFinite() {
    var edges = LayoutEpochs.Edges()
    edges.starts = [0, 1, 2]
    edges.ends = [1, 0]
    edges.periods = [1, 1]
    let moved = LayoutEpochs(
      forces: .init(a: 1.577, b: 0.895, attraction: 2, repulsion: 1, negatives: 5, rate: 1), epochs: 20
    ).run(from: Matrix(rowsOf: [[1, 1], [1, 1]]), edges: edges, keys: [1, 2], seed: Seed(1), workers: pool)
    #expect(moved.storage == [1, 1, 1, 1])
  }
}
