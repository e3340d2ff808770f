/// Fast squared distances with a bound on their error, so that exact arithmetic is spent only where it can matter.
///
/// A row x (less the mean, scaled by a power of two to at most 1) is stored as (x, 1, ‖x‖²) and asked for as (−2x, ‖x‖², 1),
/// so that one 32-bit product of the two *is* the squared distance, to within
///
///     |proposed − true| ≤ (columns + 24) · 2⁻²⁴ · (‖x‖ + ‖y‖)² + tiny
///
/// whatever the order of summation: the standard bound for inner products (Higham, *Accuracy and Stability*, §3.1), with room
/// for the rounding of rows and norms. Algorithms built on it decide in 64 bits, and so give equal answers on every kernel family.
public struct DistanceScreen: Sendable {
  /// Columns of the rows.
  public let columns: Int
  /// Numbers a stored row takes: `columns + 2`.
  public var width: Int { columns + 2 }
  /// Proposed distances are true squared distances times this.
  public let squaredScale: Double
  private let origin: [Double]
  /// `origin` in 32 bits, and whether rows may be stored by 32-bit arithmetic: where nothing in it can leave its range.
  private let narrowOrigin: [Float]
  private let isNarrow: Bool
  private let scale: Double
  private let relativeError: Double
  private let absoluteError: Double

  /// Rows of one set in stored form.
  public struct Packed: Sendable {
    public let rows: Int
    /// `rows × width` numbers.
    public let storage: [Float]
    /// ‖x‖ of each row, after centring and scaling.
    public let norms: [Double]
  }

  /// A screen centred on the mean of `points` and scaled to hold them, and `others` where given. - Precondition: all numbers are finite.
  public init(centredOn points: Matrix, holding others: Matrix? = nil) {
    let columns = points.columns
    var mean = [Double](repeating: 0, count: columns)
    var largest = 0.0
    points.withUnsafeBufferPointer { x in
      for row in 0..<points.rows { for c in 0..<columns { mean[c] += Double(x[row * columns + c]) } }
    }
    for c in 0..<columns { mean[c] /= Double(max(points.rows, 1)) }
    for held in [points, others].compactMap({ $0 }) {
      precondition(held.columns == columns, "\(held.columns) columns against \(columns)")
      held.withUnsafeBufferPointer { x in
        for row in 0..<held.rows {
          for c in 0..<columns { largest = max(largest, abs(Double(x[row * columns + c]) - mean[c])) }
        }
      }
    }
    self.columns = columns
    origin = mean
    narrowOrigin = []
    isNarrow = false
    scale = largest > 0 ? Double(sign: .plus, exponent: -largest.exponent - 1, significand: 1) : 1
    squaredScale = scale * scale
    relativeError = Double(columns + 24) * 0x1p-24
    absoluteError = Double(columns + 24) * 0x1p-126
  }

  /// A screen near a known centre, for rows no column of which is farther from it than `largest`. Its own centre is that one in
  /// 32 bits, so that rows can be put into stored form in 32 bits too. - Precondition: all are finite.
  package init(near center: [Double], largest: Double) {
    columns = center.count
    narrowOrigin = center.map { Float($0) }
    origin = narrowOrigin.map { Double($0) }
    // The centre's rounding may leave a row a little farther from it.
    let largest = largest + (origin.map(abs).max() ?? 0) * 0x1p-23
    scale = largest > 0 ? Double(sign: .plus, exponent: -largest.exponent - 1, significand: 1) : 1
    squaredScale = scale * scale
    relativeError = Double(columns + 24) * 0x1p-24
    absoluteError = Double(columns + 24) * 0x1p-126
    isNarrow = 0x1p-100...0x1p100 ~= largest
  }

  /// Puts one row into stored form: `width` numbers. Returns its squared norm after centring and scaling, to within
  /// (columns / 4 + 4) · 2⁻²⁴ of it.
  package func store(_ row: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>) -> Double {
    if isNarrow && columns > 0 {
      return CenterRows.store(row, origin: narrowOrigin, scale: Float(scale), columns: columns, into: target)
    }
    var square = 0.0
    for c in 0..<columns {
      target[c] = Float((Double(row[c]) - origin[c]) * scale)
      square += Double(target[c]) * Double(target[c])
    }
    target[columns] = 1
    target[columns + 1] = Float(square)
    return square
  }

  /// The most by which a proposed distance can be wrong, for rows with these norms.
  public func error(_ a: Double, _ b: Double) -> Double { relativeError * (a + b) * (a + b) + absoluteError }

  /// Puts rows into stored form. - Complexity: O(rows · columns).
  public func packed(_ points: Matrix) -> Packed { packed(points, at: nil) }

  /// Puts the rows at `indices` into stored form, in that order.
  public func packed(_ points: Matrix, at indices: [Int]?) -> Packed {
    let count = indices?.count ?? points.rows
    var storage = [Float](repeating: 0, count: count * width)
    var norms = [Double](repeating: 0, count: count)
    points.withUnsafeBufferPointer { x in
      storage.withUnsafeMutableBufferPointer { target in
        guard let source = x.baseAddress, let base = target.baseAddress else { return }
        for i in 0..<count {
          let row = base + i * width
          var square = 0.0
          let from = source + (indices?[i] ?? i) * columns
          for c in 0..<columns {
            let value = Float((Double(from[c]) - origin[c]) * scale)
            row[c] = value
            square += Double(value) * Double(value)
          }
          row[columns] = 1
          row[columns + 1] = Float(square)
          norms[i] = square.squareRoot()
        }
      }
    }
    return Packed(rows: count, storage: storage, norms: norms)
  }

  /// Puts a row of 64-bit numbers (a centre) into asking form: `width` numbers. Returns its norm.
  public func ask(_ row: UnsafePointer<Double>, into question: UnsafeMutablePointer<Float>) -> Double {
    var square = 0.0
    for c in 0..<columns {
      let value = Float((row[c] - origin[c]) * scale)
      question[c] = -2 * value
      square += Double(value) * Double(value)
    }
    question[columns] = Float(square)
    question[columns + 1] = 1
    return square.squareRoot()
  }

  /// Turns a stored row into asking form.
  public func ask(stored: UnsafePointer<Float>, into question: UnsafeMutablePointer<Float>) {
    for c in 0..<columns { question[c] = -2 * stored[c] }
    question[columns] = stored[columns + 1]
    question[columns + 1] = 1
  }

  /// Proposed squared distances [asked, stored] between `asked` rows in asking form and `stored` rows in stored form.
  public func propose(
    _ questions: UnsafePointer<Float>, asked: Int, _ stored: UnsafePointer<Float>, stored count: Int,
    into distances: UnsafeMutablePointer<Float>
  ) {
    BLAS.multiply(questions, stored, transposeB: true, into: distances, m: asked, n: count, k: width)
  }
}
