import Reduction
import Tensors
import Testing

struct GraphEigenvectorsTests {
  private let pool = WorkerPool(threads: 2)

  /// A ring of `clumps` clumps, each of `size` vertices joined to some others of it, and one light edge to the next clump.
  private func ring(clumps: Int, size: Int, seed: Int) -> UMAPGraph {
    var generator = Seed(UInt64(seed)).generator()
    let rows = clumps * size
    var weights = [[Int: Float]](repeating: [:], count: rows)
    func join(_ a: Int, _ b: Int, _ weight: Float) {
      if a == b { return }
      weights[a][b] = weight
      weights[b][a] = weight
    }
    for clump in 0..<clumps {
      for i in 0..<size {
        join(clump * size + i, clump * size + (i + 1) % size, 1)
        join(clump * size + i, clump * size + generator.integer(below: size), Float(generator.uniform(0.2...1)))
      }
      if clumps > 1 { join(clump * size, (clump + 1) % clumps * size + 1, 0.5) }
    }
    var (starts, ends, values) = ([0], [Int32](), [Float]())
    for row in 0..<rows {
      for end in weights[row].keys.sorted() {
        ends.append(Int32(end))
        values.append(weights[row][end]!)
      }
      starts.append(ends.count)
    }
    return UMAPGraph(starts: starts, ends: ends, weights: values)
  }

  /// D^−½ W D^−½ in full.
  private func dense(_ graph: UMAPGraph) -> [Double] {
    let n = graph.rows
    let degrees = (0..<n).map { row in
      graph.weights[graph.starts[row]..<graph.starts[row + 1]].reduce(0.0) { $0 + Double($1) }
    }
    var matrix = [Double](repeating: 0, count: n * n)
    for row in 0..<n {
      for edge in graph.starts[row]..<graph.starts[row + 1] {
        let end = Int(graph.ends[edge])
        matrix[row * n + end] = Double(graph.weights[edge]) / (degrees[row] * degrees[end]).squareRoot()
      }
    }
    return matrix
  }

  @Test(arguments: [(1, 6, 2), (1, 40, 3), (5, 30, 2), (7, 25, 6), (3, 60, 10)])
  func equalsTheDenseSolver(clumps: Int, size: Int, count: Int) throws {
    let graph = ring(clumps: clumps, size: size, seed: size)
    let n = graph.rows
    let matrix = dense(graph)
    let values = try LinearAlgebra.symmetricEigen(matrix, order: n).values
    var solver = GraphEigenvectors(graph, count: count, seed: Seed(1))
    let found = solver.smoothest(products: 5000, workers: pool)
    let vectors = try #require(found)
    for c in 0..<count {
      let x = (0..<n).map { Double(vectors[$0 * count + c]) }
      let product = (0..<n).map { row in (0..<n).reduce(0.0) { $0 + matrix[row * n + $1] * x[$1] } }
      let value = zip(x, product).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(zip(x, x).reduce(0) { $0 + $1.0 * $1.1 } - 1) < 1e-5)
      #expect(abs(value - values[n - 2 - c]) < 1e-4, "vector \(c)")
      let residual = zip(x, product).reduce(0) { $0 + ($1.1 - value * $1.0) * ($1.1 - value * $1.0) }.squareRoot()
      #expect(residual < 2e-4, "vector \(c)")
    }
  }

  /// On a path with equal weights vector c is √degree · cos(π (c + 1) i / (n − 1)).
  @Test func aPathIsACosine() throws {
    let n = 60
    var (starts, ends) = ([0], [Int32]())
    for row in 0..<n {
      for end in [row - 1, row + 1] where (0..<n).contains(end) { ends.append(Int32(end)) }
      starts.append(ends.count)
    }
    let graph = UMAPGraph(starts: starts, ends: ends, weights: [Float](repeating: 1, count: ends.count))
    var solver = GraphEigenvectors(graph, count: 2, seed: Seed(1))
    let found = solver.smoothest(products: 5000, workers: pool)
    let vectors = try #require(found)
    for c in 0..<2 {
      var (product, square) = (0.0, 0.0)
      for row in 0..<n {
        let degree = Double(starts[row + 1] - starts[row])
        let wave = degree.squareRoot() * cosine(Double.pi * Double(c + 1) * Double(row) / Double(n - 1))
        product += wave * Double(vectors[2 * row + c])
        square += wave * wave
      }
      #expect(abs(product) / square.squareRoot() > 0.999, "vector \(c)")
    }
  }

  @Test func theSameBytesAtAnyThreadCount() throws {
    let graph = ring(clumps: 12, size: 800, seed: 4)
    let results = (1...3).map { threads in
      var solver = GraphEigenvectors(graph, count: 2, seed: Seed(1))
      return solver.smoothest(products: 5000, workers: WorkerPool(threads: threads))
    }
    #expect(results[0] != nil && results[0] == results[1] && results[0] == results[2])
  }

  @Test func givesUpWhenItMay() {
    var solver = GraphEigenvectors(ring(clumps: 30, size: 20, seed: 5), count: 2, seed: Seed(1))
    let found = solver.smoothest(products: 20, workers: pool)
    #expect(found == nil)
    #expect(solver.products == 20)
  }
}
