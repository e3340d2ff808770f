import SelfSupervision
import Tensors
import Testing

/// `LayoutVectors` in double precision, a loop a sum, without principal directions: where all of them are kept they only turn the cells.
struct PlainLayout {
  private let width: Int
  private let tokenMean: [Double]
  private let parts: [(mean: [Double], scale: Double)]

  init(fitting rows: [[Double]]) {
    let width = rows[0].count / 66
    self.width = width
    let cells = rows.flatMap { row in (2..<66).map { Array(row[$0 * width..<($0 + 1) * width]) } }
    let tokenMean = PlainLayout.mean(cells)
    self.tokenMean = tokenMean
    parts = zip([0.5, 1], PlainLayout.parts(rows, width, tokenMean)).map { deviation, part in
      let mean = PlainLayout.mean(part)
      let variance =
        part.reduce(0.0) { $0 + zip($1, mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } } / Double(part.count)
      return (mean, deviation / variance.squareRoot())
    }
  }

  func vectors(of rows: [[Double]]) -> [[Double]] {
    let scaled = zip(PlainLayout.parts(rows, width, tokenMean), parts).map { rows, part in
      rows.map { row in zip(row, part.mean).map { ($0 - $1) * part.scale } }
    }
    return rows.indices.map { scaled[0][$0] + scaled[1][$0] }
  }

  /// Of every row the class token beside the mean, and the cells about their common mean, each at length one; both at length one.
  private static func parts(_ rows: [[Double]], _ width: Int, _ tokenMean: [Double]) -> [[[Double]]] {
    [
      rows.map { unit(Array($0[..<(2 * width)])) },
      rows.map { row in
        unit(
          (2..<66).flatMap { cell in unit((0..<width).map { row[cell * width + $0] - tokenMean[$0] }) })
      },
    ]
  }

  private static func unit(_ x: [Double]) -> [Double] {
    let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return x.map { $0 / length }
  }

  private static func mean(_ rows: [[Double]]) -> [Double] {
    rows[0].indices.map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
  }
}

struct LayoutVectorsTests {
  private static func rows(_ count: Int, _ width: Int) -> Matrix {
    var generator = Seed(9).generator()
    return Matrix(
      rows: count, columns: 66 * width,
      storage: (0..<count * 66 * width).map { Float(generator.normal()) * Float(1 + $0 % width) + 3 })
  }

  /// Inner products are what is left alone by a turn.
  @Test func productsAreThoseOfThePlainComputation() throws {
    let raw = Self.rows(7, 8)
    let fitted = try LayoutVectors(fitting: raw.rows(at: Array(0..<5)), workers: WorkerPool(threads: 2))
    #expect(fitted.directionCount == 8 && fitted.width == 66 * 8)
    let vectors = try fitted(raw, workers: WorkerPool(threads: 1))
    let doubles = (0..<7).map { raw.row($0).map(Double.init) }
    let plain = PlainLayout(fitting: Array(doubles[..<5])).vectors(of: doubles)
    for a in 0..<7 {
      for b in 0..<7 {
        let wanted = zip(plain[a], plain[b]).reduce(0) { $0 + $1.0 * $1.1 }
        let own = zip(vectors.row(a), vectors.row(b)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        #expect(abs(own - wanted) < 1e-5, "\(a) by \(b)")
      }
    }
  }

  /// A fifth of the variance is the first part's, the rest the cells', whatever they are measured in.
  @Test func aFifthIsTheWholes() throws {
    let raw = Self.rows(30, 40)
    let fitted = try LayoutVectors(fitting: raw, workers: WorkerPool(threads: 1))
    #expect(fitted.directionCount == 32 && fitted.width == 2 * 40 + 64 * 32)
    let vectors = try fitted(raw, workers: WorkerPool(threads: 3))
    #expect(vectors == (try fitted(raw, workers: WorkerPool(threads: 1))))
    func variance(_ columns: Range<Int>) -> Double {
      (0..<30).reduce(0.0) { sum, row in
        columns.reduce(sum) { $0 + Double(vectors[row, $1]) * Double(vectors[row, $1]) }
      } / 30
    }
    #expect(abs(variance(0..<80) - 0.25) < 1e-4 && abs(variance(80..<fitted.width) - 1) < 1e-4)
  }

  @Test func whatNeverDiffersIsZero() throws {
    let one = Self.rows(1, 8)
    let alike = one.rows(at: [0, 0, 0, 0])
    let fitted = try LayoutVectors(fitting: alike, workers: WorkerPool(threads: 1))
    #expect(try fitted(alike, workers: WorkerPool(threads: 1)).storage.allSatisfy { $0 == 0 })
  }
}
