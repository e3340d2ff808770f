import Tensors
import TestSupport
import Testing

struct NeighborsTests {
  private func points(_ rows: Int, _ columns: Int, seed: Int, _ draw: (inout RandomGenerator) -> Double) -> Matrix {
    var generator = Seed(9).split(seed).generator()
    return Matrix(rows: rows, columns: columns, storage: (0..<rows * columns).map { _ in Float(draw(&generator)) })
  }

  /// The plain double loop: all distances, sorted by (distance, index).
  private func naive(_ queries: Matrix, _ references: Matrix, _ count: Int, skippingSelf: Bool) -> (
    indices: [Int32], distances: [Double]
  ) {
    var (indices, distances) = ([Int32](), [Double]())
    for i in 0..<queries.rows {
      let all = (0..<references.rows).filter { !skippingSelf || $0 != i }.map { j in
        (Distances.squared(queries.row(i), references.row(j), count: queries.columns), j)
      }.sorted { $0 < $1 }
      for (square, j) in all.prefix(count) {
        indices.append(Int32(j))
        distances.append(square.squareRoot())
      }
    }
    return (indices, distances)
  }

  private func check(_ points: Matrix, _ count: Int, _ name: String) {
    let expected = naive(points, points, count, skippingSelf: true)
    for threads in 1...3 {
      let found = Neighbors(of: points, count: count, workers: WorkerPool(threads: threads))
      #expect(found.indices == expected.indices && found.distances == expected.distances, "\(name), \(threads) threads")
    }
  }

  @Test func equalsThePlainLoop() {
    check(points(300, 10, seed: 0) { $0.normal() }, 7, "normal")
    check(points(300, 1, seed: 1) { $0.normal() }, 20, "one column")
    check(points(2500, 4, seed: 2) { $0.normal() }, 3, "more than one block")
    check(points(150, 3, seed: 3) { Double($0.integer(below: 3)) }, 12, "a grid full of ties")
    check(points(200, 5, seed: 4) { 1e6 + $0.normal() }, 5, "far from the origin")
    check(points(200, 5, seed: 5) { $0.normal() * ($0.chance(0.02) ? 1e12 : 1e-12) }, 5, "of very unequal sizes")
    check(points(200, 5, seed: 6) { $0.normal() * 1e-30 }, 5, "tiny")
    check(points(200, 5, seed: 7) { $0.normal() * 1e30 }, 5, "huge")
    check(points(400, 2, seed: 8) { _ in 3 }, 9, "all equal")
    check(points(5, 2, seed: 9) { $0.normal() }, 4, "all others")
  }

  @Test func asksOtherRows() {
    let references = points(700, 6, seed: 10) { $0.normal() }
    let queries = points(90, 6, seed: 11) { $0.normal() * 50 }
    let expected = naive(queries, references, 4, skippingSelf: false)
    let found = Neighbors(of: queries, among: references, count: 4, workers: WorkerPool(threads: 2))
    #expect(found.indices == expected.indices && found.distances == expected.distances)
  }

  @Test func smallSets() {
    let pool = WorkerPool(threads: 2)
    #expect(Neighbors(of: Matrix(rows: 0, columns: 3), count: 4, workers: pool).count == 0)
    #expect(Neighbors(of: Matrix(rows: 1, columns: 3), count: 4, workers: pool).count == 0)
    let two = Neighbors(of: Matrix(rowsOf: [[0, 0], [3, 4]]), count: 4, workers: pool)
    #expect(two.count == 1 && two.indices == [1, 0] && two.distances == [5, 5])
    let none = Neighbors(of: Matrix(rows: 3, columns: 0), count: 2, workers: pool)
    #expect(none.indices == [1, 2, 0, 2, 0, 1])
  }

  /// The bound that everything rests on: no proposed distance is farther from the truth than it says.
  @Test func proposedDistancesKeepTheirPromise() {
    withEvery("scale", in: [1e-20, 1e-3, 1, 1e5]) { scale in
      withEvery("columns", in: [1, 2, 17, 64, 300]) { columns in
        let x = points(60, columns, seed: columns) { ($0.normal() + 2) * scale * ($0.chance(0.1) ? 100 : 1) }
        let screen = DistanceScreen(centredOn: x)
        let packed = screen.packed(x)
        var questions = [Float](repeating: 0, count: x.rows * screen.width)
        for i in 0..<x.rows {
          packed.storage.withUnsafeBufferPointer { stored in
            screen.ask(stored: stored.baseAddress! + i * screen.width, into: &questions[i * screen.width])
          }
        }
        var proposed = [Float](repeating: 0, count: x.rows * x.rows)
        screen.propose(questions, asked: x.rows, packed.storage, stored: x.rows, into: &proposed)
        for i in 0..<x.rows {
          for j in 0..<x.rows {
            let exact = Distances.squared(x.row(i), x.row(j), count: columns) * screen.squaredScale
            let error = abs(Double(proposed[i * x.rows + j]) - exact)
            #expect(error <= screen.error(packed.norms[i], packed.norms[j]), "\(columns) columns, scale \(scale)")
          }
        }
      }
    }
  }

  @Test func rowsThatAreNotFiniteAreFound() throws {
    var matrix = Matrix(rows: 3000, columns: 3)
    #expect(try matrix.firstRowThatIsNotFinite() == nil)
    matrix[2999, 2] = .infinity
    #expect(try matrix.firstRowThatIsNotFinite() == 2999)
    matrix[1500, 0] = .nan
    #expect(try matrix.firstRowThatIsNotFinite() == 1500)
    #expect(try Matrix(rows: 4, columns: 0).firstRowThatIsNotFinite() == nil)
  }
}
