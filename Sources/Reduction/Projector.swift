import Tensors

/// Projects blocks of rows onto fitted components: the components laid out for products, shared by all threads.
struct Projector: Sendable {
  static let blockRows = 384
  /// Components that hold less of the variance than this are not left to 32-bit products: they would be off by more than some 1e-4
  /// of their own deviation.
  private static let leastShare = 0x1p-24
  /// A squared error below this share of the row's squared length, computed in 32 bits, is off by more than 1e-4 of itself.
  private static let leastError = 0x1p-14

  private let fitted: PCA.Fitted
  private let scales: [Double]
  private let measuresErrors: Bool
  /// How many components, the first ones, are left to 32-bit products.
  private let fastCount: Int
  private let centring: CentredRows
  private let towards: PackedFactor?
  private let back: PackedFactor?

  static func blocks(of rows: any RowSource) -> [Range<Int>] {
    stride(from: 0, to: rows.rows, by: blockRows).map { $0..<min($0 + blockRows, rows.rows) }
  }

  init(_ fitted: PCA.Fitted, measuresErrors: Bool) {
    self.fitted = fitted
    self.measuresErrors = measuresErrors
    scales = fitted.coordinateScales
    fastCount =
      fitted.solver.isFast
      ? fitted.explainedVarianceRatio.firstIndex { $0 < Self.leastShare } ?? fitted.count : 0
    centring = CentredRows(mean: fitted.mean)
    let (d, count) = (fitted.columns, fitted.count)
    let components = fitted.components.map { Float($0) }
    towards =
      fastCount > 0
      ? PackedFactor(transposing: Array(components[..<(fastCount * d)]), columns: fastCount, depth: d) : nil
    // Negative: what the components tell is taken from the row.
    back = fastCount > 0 && measuresErrors ? PackedFactor(components.map { -$0 }, depth: count, columns: d) : nil
  }

  /// Writes coordinates [range.count, count], and errors if they are wanted.
  func project(
    _ rows: any RowSource, _ range: Range<Int>, into target: UnsafeMutablePointer<Float>,
    errors: UnsafeMutablePointer<Double>?
  ) throws {
    precondition(rows.columns == fitted.columns, "\(rows.columns) columns for a fit of \(fitted.columns)")
    try rows.withRows(range) { block in
      guard let x = block.baseAddress else { return }
      if fastCount > 0 {
        try projectFast(x, range, into: target, errors: errors)
      } else {
        if let row = rowThatIsNotFinite(in: block, range) { throw PCA.Failure.notFinite(row: row) }
        projectExactly(x, range.count, into: target, errors: errors)
      }
    }
  }

  /// By 32-bit products as far as they go.
  private func projectFast(
    _ x: UnsafePointer<Float>, _ range: Range<Int>, into target: UnsafeMutablePointer<Float>,
    errors: UnsafeMutablePointer<Double>?
  ) throws {
    let (d, count, rows) = (fitted.columns, fitted.count, range.count)
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: rows * d) { scratch in
      guard let centred = scratch.baseAddress else { return }
      centring.centre(x, rows: rows, into: centred)
      towards?.multiply(centred, rows: rows, into: target, stride: count)
      // Rows with a number that is not finite, or one that 32 bits can't hold.
      var beyond: [Int] = []
      for row in 0..<rows {
        var trace: Float = 0
        for k in 0..<fastCount { trace += target[row * count + k] - target[row * count + k] }
        if trace == 0 { continue }
        for c in 0..<d where !x[row * d + c].isFinite { throw PCA.Failure.notFinite(row: range.lowerBound + row) }
        beyond.append(row)
      }
      if fastCount < count { finishExactly(x, Array(0..<rows), components: fastCount..<count, into: target) }
      finishExactly(x, beyond, components: 0..<fastCount, into: target)
      if let errors { measure(x, centred, rows, beyond, coordinates: target, into: errors) }
      for row in 0..<rows {
        for k in 0..<count where scales[k] != 1 {
          target[row * count + k] = Float(Double(target[row * count + k]) * scales[k])
        }
      }
    }
  }

  /// Errors from 32-bit figures, or 64-bit ones where those are not enough. `centred` becomes what the coordinates leave of it.
  private func measure(
    _ x: UnsafePointer<Float>, _ centred: UnsafeMutablePointer<Float>, _ rows: Int, _ beyond: [Int],
    coordinates: UnsafePointer<Float>, into errors: UnsafeMutablePointer<Double>
  ) {
    let d = fitted.columns
    for row in 0..<rows { errors[row] = RowLengths.squared(centred + row * d, count: d) }
    back?.multiply(coordinates, rows: rows, into: centred, adding: true)
    var near = beyond
    for row in 0..<rows {
      let error = RowLengths.squared(centred + row * d, count: d)
      if error < Self.leastError * errors[row] && !beyond.contains(row) { near.append(row) }
      errors[row] = error
    }
    if near.isEmpty { return }
    let exact = exactlyCentred(x, near)
    let found = distances(exact, exactCoordinates(of: exact, near.count, components: 0..<fitted.count), near.count)
    for (row, error) in zip(near, found) { errors[row] = error }
  }

  /// In 64 bits.
  private func projectExactly(
    _ x: UnsafePointer<Float>, _ rows: Int, into target: UnsafeMutablePointer<Float>,
    errors: UnsafeMutablePointer<Double>?
  ) {
    let centred = exactlyCentred(x, Array(0..<rows))
    let coordinates = exactCoordinates(of: centred, rows, components: 0..<fitted.count)
    for row in 0..<rows {
      for k in 0..<fitted.count {
        target[row * fitted.count + k] = Float(coordinates[row * fitted.count + k] * scales[k])
      }
    }
    guard let errors else { return }
    let found = distances(centred, coordinates, rows)
    for row in 0..<rows { errors[row] = found[row] }
  }

  /// Coordinates of these rows along these components, not scaled.
  private func finishExactly(
    _ x: UnsafePointer<Float>, _ rows: [Int], components: Range<Int>, into target: UnsafeMutablePointer<Float>
  ) {
    if rows.isEmpty { return }
    let coordinates = exactCoordinates(of: exactlyCentred(x, rows), rows.count, components: components)
    for (i, row) in rows.enumerated() {
      for k in components.indices {
        target[row * fitted.count + k] = Float(coordinates[i * components.count + k - components.lowerBound])
      }
    }
  }

  private func exactlyCentred(_ x: UnsafePointer<Float>, _ rows: [Int]) -> [Double] {
    let d = fitted.columns
    return [Double](unsafeUninitializedCapacity: rows.count * d) { target, written in
      for (i, row) in rows.enumerated() {
        for c in 0..<d { target[i * d + c] = Double(x[row * d + c]) - fitted.mean[c] }
      }
      written = rows.count * d
    }
  }

  private func exactCoordinates(of centred: [Double], _ rows: Int, components: Range<Int>) -> [Double] {
    let d = fitted.columns
    var coordinates = [Double](repeating: 0, count: rows * components.count)
    fitted.components.withUnsafeBufferPointer {
      guard let start = $0.baseAddress else { return }
      BLAS.multiply(
        centred, start + components.lowerBound * d, transposeB: true, into: &coordinates, m: rows, n: components.count,
        k: d)
    }
    return coordinates
  }

  /// Squared lengths of what the coordinates leave of centred rows.
  private func distances(_ centred: [Double], _ coordinates: [Double], _ rows: Int) -> [Double] {
    let d = fitted.columns
    var residual = centred
    BLAS.multiply(
      coordinates, fitted.components, into: &residual, m: rows, n: d, k: fitted.count, alpha: -1, beta: 1)
    return (0..<rows).map { row in
      var sum = 0.0
      for c in 0..<d { sum += residual[row * d + c] * residual[row * d + c] }
      return sum
    }
  }
}
