import Reduction
import Tensors
import TestSupport
import Testing

struct UMAPGraphTests {
  /// umap-learn keeps memberships, ρ and σ in 32 bits and bisects to 1e-5.
  private static let tolerance = 1e-5
  private let pool = WorkerPool(threads: 2)

  private func neighbors(_ fixture: Fixture, _ name: String) -> Neighbors {
    let shape = fixture.shape("\(name).indices")
    return Neighbors(
      rows: shape[0], count: shape[1], indices: fixture.integers("\(name).indices").map { Int32($0) },
      distances: fixture.doubles("\(name).distances"))
  }

  @Test(arguments: [
    ("plain", 1.0, 1.0), ("small", 1, 1), ("mixed", 0.3, 1), ("intersection", 0, 1), ("connected", 1, 2.5),
    ("loose", 1, 0.4), ("copies", 1, 1),
  ])
  func equalsUmapLearn(name: String, mix: Double, connectivity: Double) throws {
    let fixture = try Fixture("Reduction/umap_graph")
    let set = FuzzySimplicialSet(
      neighbors(fixture, name), setOpMixRatio: mix, localConnectivity: connectivity, workers: pool)
    #expect(set.graph.starts == fixture.integers("\(name).starts"))
    #expect(set.graph.ends.map { Int($0) } == fixture.integers("\(name).ends"))
    for (a, b) in zip(set.graph.weights, fixture.floats("\(name).weights")) {
      #expect(abs(a - b) <= Float(Self.tolerance))
    }
    #expect(normalizedError(set.rhos.map { Float($0) }, fixture.floats("\(name).rhos")) < Self.tolerance)
    #expect(normalizedError(set.sigmas.map { Float($0) }, fixture.floats("\(name).sigmas")) < Self.tolerance)
  }

  @Test func membershipsSumToTheLogarithmOfTheirNumber() {
    var generator = Seed(1).generator()
    let points = Matrix(rows: 200, columns: 3, storage: (0..<600).map { _ in Float(generator.normal()) })
    let near = Neighbors(of: points, count: 14, workers: pool)
    let set = FuzzySimplicialSet(near, workers: pool)
    for row in 0..<200 {
      let sum = (0..<14).reduce(0.0) {
        $0 + exponential(-max(0, near.distance(row, $1) - set.rhos[row]) / set.sigmas[row])
      }
      #expect(abs(sum - logarithm(15.0) / logarithm(2.0)) < 1e-5)
    }
  }

  @Test func isSymmetricAndTheSameAtAnyThreadCount() {
    var generator = Seed(2).generator()
    let points = Matrix(rows: 2500, columns: 2, storage: (0..<5000).map { _ in Float(generator.normal()) })
    let near = Neighbors(of: points, count: 6, workers: pool)
    let set = FuzzySimplicialSet(near, workers: WorkerPool(threads: 1))
    for threads in 2...3 { #expect(FuzzySimplicialSet(near, workers: WorkerPool(threads: threads)) == set) }
    var edges: [[Int32]: Float] = [:]
    for row in 0..<set.graph.rows {
      for edge in set.graph.starts[row]..<set.graph.starts[row + 1] {
        edges[[Int32(row), set.graph.ends[edge]]] = set.graph.weights[edge]
      }
    }
    #expect(edges.count == set.graph.ends.count)
    for (edge, weight) in edges { #expect(edges[[edge[1], edge[0]]] == weight && edge[0] != edge[1]) }
  }

  @Test func curveEqualsUmapLearn() throws {
    let fixture = try Fixture("Reduction/umap_graph")
    let curves = fixture.doubles("curves")
    for row in stride(from: 0, to: curves.count, by: 4) {
      let curve = UMAPCurve(minDist: curves[row], spread: curves[row + 1])
      #expect(abs(curve.a / curves[row + 2] - 1) < 1e-3, "a at \(curves[row]), \(curves[row + 1])")
      #expect(abs(curve.b / curves[row + 3] - 1) < 1e-3, "b at \(curves[row]), \(curves[row + 1])")
    }
  }
}
