import Tensors
import TestSupport
import Testing

struct NeighborsTests {
  private func points(_ rows: Int, _ columns: Int, seed: Int, _ draw: (inout RandomGenerator) -> Double) -> Matrix {
    var generator = Seed(9).split(seed).generator()
    return Matrix(rows: rows, columns: columns, storage: (0..<rows * columns).map { _ in Float(draw(&generator)) })
  }

  /// The plain double loop: all distances, sorted by (distance, index).
  private func naive(_ queries: Matrix, _ references: Matrix, _ count: Int, skippingSelf: Bool, every step: Int = 1)
    -> (
      indices: [Int32], distances: [Double]
    )
  {
    var (indices, distances) = ([Int32](), [Double]())
    let columns = queries.columns
    for i in stride(from: 0, to: queries.rows, by: step) {
      let own = queries.row(i)
      let all = references.withUnsafeBufferPointer { x in
        (0..<references.rows).filter { !skippingSelf || $0 != i }.map { j in (plain(own, x, j * columns), j) }
      }.sorted { $0 < $1 }
      for (square, j) in all.prefix(count) {
        indices.append(Int32(j))
        distances.append(square.squareRoot())
      }
    }
    return (indices, distances)
  }

  /// ‖a − b‖² in the promised order: four running sums, the first of which takes what is left over.
  private func plain(_ a: [Float], _ b: UnsafeBufferPointer<Float>, _ start: Int) -> Double {
    var sums = [0.0, 0.0, 0.0, 0.0]
    for c in a.indices {
      let difference = Double(a[c]) - Double(b[start + c])
      sums[c < a.count / 4 * 4 ? c % 4 : 0] += difference * difference
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3])
  }

  /// Compares every row, or every `step`-th.
  private func check(_ points: Matrix, _ count: Int, _ name: String, every step: Int = 1) {
    let expected = naive(points, points, count, skippingSelf: true, every: step)
    for threads in 1...3 {
      let found = every(step, of: Neighbors(of: points, count: count, workers: WorkerPool(threads: threads)))
      #expect(found.indices == expected.indices && found.distances == expected.distances, "\(name), \(threads) threads")
    }
  }

  /// What was found for every `step`-th row.
  private func every(_ step: Int, of found: Neighbors) -> (indices: [Int32], distances: [Double]) {
    let rows = stride(from: 0, to: found.rows, by: step)
    return (
      rows.flatMap { found.indices[$0 * found.count..<($0 + 1) * found.count] },
      rows.flatMap { found.distances[$0 * found.count..<($0 + 1) * found.count] }
    )
  }

  @Test func equalsThePlainLoop() {
    check(points(300, 10, seed: 0) { $0.normal() }, 7, "normal")
    check(points(300, 1, seed: 1) { $0.normal() }, 20, "one column")
    check(points(2500, 4, seed: 2) { $0.normal() }, 3, "more than one block", every: 7)
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

  /// Large enough for groups, axes and depths to be chosen, each on data of another shape.
  @Test func equalsThePlainLoopInGroups() {
    func clusters(_ rows: Int, _ columns: Int, seed: Int, count: Int, spread: Double) -> Matrix {
      let centres = points(count, columns, seed: seed + 1000) { $0.normal() }
      var generator = Seed(9).split(seed).generator()
      let storage = (0..<rows).flatMap { _ in
        let centre = generator.integer(below: count)
        return (0..<columns).map { centres[centre, $0] + Float(generator.normal() * spread) }
      }
      return Matrix(rows: rows, columns: columns, storage: storage)
    }
    check(clusters(2300, 40, seed: 20, count: 20, spread: 0.7), 9, "clusters", every: 7)
    check(clusters(2100, 72, seed: 21, count: 7, spread: 0.1), 300, "tight clusters, neighbours from several", every: 7)
    check(clusters(2600, 26, seed: 22, count: 2600, spread: 0), 3, "no clusters", every: 7)
    check(points(2200, 30, seed: 23) { Double($0.integer(below: 2)) }, 6, "corners of a cube", every: 7)
    check(points(2200, 25, seed: 24) { 1e6 + $0.normal() }, 5, "far from the origin", every: 7)
    check(points(2400, 24, seed: 25) { $0.normal() * ($0.chance(0.001) ? 1e10 : 1) }, 5, "a few far rows", every: 7)
    var constant = points(2100, 28, seed: 26) { $0.normal() }
    for row in 0..<2100 { for column in 3..<20 { constant[row, column] = column % 2 == 0 ? 0 : 7 } }
    check(constant, 4, "columns that say nothing", every: 7)
    var repeated = points(2100, 24, seed: 27) { $0.normal() }
    for row in 700..<2100 { for column in 0..<24 { repeated[row, column] = repeated[row % 700, column] } }
    check(repeated, 5, "every row three times", every: 7)
  }

  @Test func asksOtherRowsInGroups() {
    let references = points(2300, 30, seed: 28) { Double($0.integer(below: 3)) }
    for (name, queries) in [
      ("nearby", points(2150, 30, seed: 29) { Double($0.integer(below: 3)) }),
      ("far away", points(2150, 30, seed: 30) { $0.normal() * 20 }),
      ("few", points(3, 30, seed: 31) { $0.normal() }),
    ] {
      let expected = naive(queries, references, 5, skippingSelf: false, every: 7)
      for threads in 1...3 {
        let found = every(
          7, of: Neighbors(of: queries, among: references, count: 5, workers: WorkerPool(threads: threads)))
        #expect(
          found.indices == expected.indices && found.distances == expected.distances, "\(name), \(threads) threads")
      }
    }
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
