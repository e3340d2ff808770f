package import Tensors

/// The smoothest vectors on a connected graph: eigenvectors of its normalised Laplacian I − D^−½ W D^−½ to the smallest eigenvalues
/// above 0, by Lanczos' method with thick restarts (Wu & Simon 2000) in 64 bits.
///
/// The eigenvector to 0, √degree, is known and projected out. The basis is kept orthogonal in full and the projected matrix
/// is computed, not assumed tridiagonal, so a restart needs no bookkeeping. Starts from seeded numbers; sums run over stretches of fixed
/// length in order, so the result does not depend on threads. Of an eigenvalue that is exactly double (a perfect ring) one vector is
/// found, and then the next eigenvalue's: enough to start a layout from.
package struct GraphEigenvectors {
  private static let stretch = 4096
  /// ‖A x − θ x‖ of a vector that is good enough to start a layout from; eigenvalues lie in 0...2.
  private static let tolerance = 1e-4

  private let graph: UMAPGraph
  private let count: Int
  private let rows: Int
  /// Vectors of the basis one after another; the first is √degree.
  private var basis: [Double]
  private let size: Int
  private let kept: Int
  /// 1 / √degree.
  private let scales: [Double]
  private var generator: RandomGenerator
  /// How many products with the graph were made.
  package private(set) var products = 0

  /// - Precondition: `graph` is connected and has more than `count + 1` rows.
  package init(_ graph: UMAPGraph, count: Int, seed: Seed) {
    precondition(graph.rows > count + 1, "\(count) vectors on \(graph.rows) vertices")
    self.graph = graph
    self.count = count
    rows = graph.rows
    size = min(rows - 1, 4 * count + 24)
    kept = min(size - 1, 2 * count + 8)
    scales = (0..<rows).map { row in
      let degree = graph.weights[graph.starts[row]..<graph.starts[row + 1]].reduce(0.0) { $0 + Double($1) }
      return 1 / degree.squareRoot()
    }
    basis = [Double](repeating: 0, count: (size + 2) * rows)
    generator = seed.generator()
    var square = 0.0
    for row in 0..<rows {
      basis[row] = 1 / scales[row]
      square += basis[row] * basis[row]
    }
    for row in 0..<rows { basis[row] /= square.squareRoot() }
  }

  /// The vectors, [rows, count], smoothest first and the largest number of each positive; nil when `products` are spent before they converge.
  /// - Complexity: O(products · (edges + rows · size)).
  package mutating func smoothest(products limit: Int, workers: WorkerPool) -> [Float]? {
    var projected = [Double](repeating: 0, count: size * size)
    var filled = 0
    refill(0, workers)
    while true {
      var rest = 0.0
      while filled < size {
        if products >= limit { return nil }
        products += 1
        multiply(filled, workers)
        let (coefficients, norm) = normalize(filled + 1, against: filled + 1, workers)
        for i in 0...filled {
          projected[i * size + filled] = coefficients[i + 1]
          projected[filled * size + i] = coefficients[i + 1]
        }
        rest = norm
        filled += 1
        // The basis spans all that A makes of it (equal weights all around do that): go on from anywhere else.
        if norm < 1e-12 && filled < size {
          refill(filled, workers)
          rest = 0
        }
      }
      let order = filled
      var square = [Double](repeating: 0, count: order * order)
      for i in 0..<order { for j in 0..<order { square[i * order + j] = projected[i * size + j] } }
      guard let eigen = try? LinearAlgebra.symmetricEigen(square, order: order) else { return nil }
      // Largest eigenvalues of A are the smallest of the Laplacian.
      let wanted = (0..<count).map { order - 1 - $0 }
      if wanted.allSatisfy({ abs(rest * eigen.vectors[$0 * order + order - 1]) <= Self.tolerance }) {
        return vectors(wanted, eigen.vectors, order)
      }
      restart(eigen, rest: rest, workers)
      projected = [Double](repeating: 0, count: size * size)
      for i in 0..<kept { projected[i * size + i] = eigen.values[order - 1 - i] }
      filled = kept
    }
  }

  /// Makes vector `index` of the basis a random one, apart from those before it.
  private mutating func refill(_ index: Int, _ workers: WorkerPool) {
    for row in 0..<rows { basis[(1 + index) * rows + row] = generator.uniform(-1...1) }
    normalize(index, against: index, workers)
  }

  /// Keeps the best vectors of the basis, and the one that was to come next.
  private mutating func restart(
    _ eigen: LinearAlgebra.SymmetricEigen<Double>, rest: Double, _ workers: WorkerPool
  ) {
    let (rows, size, kept, stretches) = (rows, size, kept, stretches)
    basis.withUnsafeMutableBufferPointer { basis in
      nonisolated(unsafe) let basis = basis
      workers.run(jobs: stretches) { job, _ in
        let range = job * Self.stretch..<min((job + 1) * Self.stretch, rows)
        var mixed = [Double](repeating: 0, count: kept * range.count)
        mixed.withUnsafeMutableBufferPointer { mixed in
          for i in 0..<kept {
            for j in 0..<size {
              let factor = eigen.vectors[(size - 1 - i) * size + j]
              let vector = basis.baseAddress! + (1 + j) * rows + range.lowerBound
              let target = mixed.baseAddress! + i * range.count
              for row in 0..<range.count { target[row] += factor * vector[row] }
            }
          }
          for i in 0..<kept {
            for row in 0..<range.count { basis[(1 + i) * rows + range.lowerBound + row] = mixed[i * range.count + row] }
          }
        }
        for row in range { basis[(1 + kept) * rows + row] = basis[(1 + size) * rows + row] }
      }
    }
  }

  private var stretches: Int { (rows + Self.stretch - 1) / Self.stretch }

  /// Makes the vector after the `vector`-th of the basis its product with D^−½ W D^−½.
  private mutating func multiply(_ vector: Int, _ workers: WorkerPool) {
    let (rows, graph, scales, stretches) = (rows, graph, scales, stretches)
    basis.withUnsafeMutableBufferPointer { basis in
      nonisolated(unsafe) let source = basis.baseAddress! + (1 + vector) * rows
      nonisolated(unsafe) let target = basis.baseAddress! + (2 + vector) * rows
      graph.starts.withUnsafeBufferPointer { starts in
        graph.ends.withUnsafeBufferPointer { ends in
          graph.weights.withUnsafeBufferPointer { weights in
            scales.withUnsafeBufferPointer { scales in
              nonisolated(unsafe) let (starts, ends, weights, scales) = (starts, ends, weights, scales)
              workers.run(jobs: stretches) { job, _ in
                for row in job * Self.stretch..<min((job + 1) * Self.stretch, rows) {
                  var sum = 0.0
                  for edge in starts[row]..<starts[row + 1] {
                    let end = Int(ends[edge])
                    sum += Double(weights[edge]) * scales[end] * source[end]
                  }
                  target[row] = sum * scales[row]
                }
              }
            }
          }
        }
      }
    }
  }

  /// Takes from vector `index` its parts along √degree and the first `count` others, twice, and scales it to length 1.
  /// Returns the parts, that along √degree first, and what length it had left.
  @discardableResult
  private mutating func normalize(
    _ index: Int, against count: Int, _ workers: WorkerPool
  ) -> (coefficients: [Double], norm: Double) {
    let (rows, stretches) = (rows, stretches)
    let width = count + 1
    var coefficients = [Double](repeating: 0, count: width)
    var norm = 0.0
    basis.withUnsafeMutableBufferPointer { basis in
      nonisolated(unsafe) let basis = basis.baseAddress!
      nonisolated(unsafe) let vector = basis + (1 + index) * rows
      var partial = [Double](repeating: 0, count: stretches * width)
      partial.withUnsafeMutableBufferPointer { partial in
        nonisolated(unsafe) let partial = partial
        for _ in 0..<2 {
          workers.run(jobs: stretches) { job, _ in
            let range = job * Self.stretch..<min((job + 1) * Self.stretch, rows)
            for i in 0..<width { partial[job * width + i] = Self.dot(basis + i * rows, vector, range) }
          }
          let sums = (0..<width).map { i in (0..<stretches).reduce(0.0) { $0 + partial[$1 * width + i] } }
          for i in 0..<width { coefficients[i] += sums[i] }
          workers.run(jobs: stretches) { job, _ in
            let range = job * Self.stretch..<min((job + 1) * Self.stretch, rows)
            for i in 0..<width {
              let (factor, other) = (sums[i], basis + i * rows)
              for row in range { vector[row] -= factor * other[row] }
            }
            partial[job * width] = Self.dot(vector, vector, range)
          }
          norm = (0..<stretches).reduce(0.0) { $0 + partial[$1 * width] }.squareRoot()
        }
        if norm > 0 { for row in 0..<rows { vector[row] /= norm } }
      }
    }
    return (coefficients, norm)
  }

  private static func dot(_ a: UnsafePointer<Double>, _ b: UnsafePointer<Double>, _ range: Range<Int>) -> Double {
    var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
    var i = range.lowerBound
    while i &+ 4 <= range.upperBound {
      s0 += a[i] * b[i]
      s1 += a[i &+ 1] * b[i &+ 1]
      s2 += a[i &+ 2] * b[i &+ 2]
      s3 += a[i &+ 3] * b[i &+ 3]
      i &+= 4
    }
    while i < range.upperBound {
      s0 += a[i] * b[i]
      i &+= 1
    }
    return (s0 + s1) + (s2 + s3)
  }

  /// The eigenvectors numbered `wanted` of the projected matrix as vectors of the graph, the largest number of each positive.
  private func vectors(_ wanted: [Int], _ small: [Double], _ order: Int) -> [Float] {
    var result = [Float](repeating: 0, count: rows * wanted.count)
    var column = [Double](repeating: 0, count: rows)
    for (c, number) in wanted.enumerated() {
      for row in 0..<rows { column[row] = 0 }
      for j in 0..<order {
        let factor = small[number * order + j]
        for row in 0..<rows { column[row] += factor * basis[(1 + j) * rows + row] }
      }
      var largest = 0
      for row in 0..<rows where abs(column[row]) > abs(column[largest]) { largest = row }
      let sign = column[largest] < 0 ? -1.0 : 1.0
      for row in 0..<rows { result[row * wanted.count + c] = Float(sign * column[row]) }
    }
    return result
  }
}
