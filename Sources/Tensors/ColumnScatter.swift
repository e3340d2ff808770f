import Kernels

/// Mean and scatter matrix Σ (x − mean)(x − mean)ᵀ of rows that come in blocks, each read once.
///
/// Every chunk of `chunkRows` rows is centred on its own mean and multiplied in 32 bits; its sums are added up in 64, and so is what lies
/// between the chunks' means (Chan, Golub, LeVeque 1983, *Algorithms for computing the sample variance*, eq. 2.1). However far
/// from zero the rows lie, or however they drift, no figure is cancelled. An entry (i, j) is off by less than
///
///     (chunkRows + 4) · 2⁻²⁴ · √(scatter[i, i] · scatter[j, j])  =  2.4e-5 of that root
///
/// whatever the data (Higham, *Accuracy and Stability*, §3.1), and by some 5e-8 of it in practice, since rounding errors of chunks
/// don't agree. Equal bytes for equal rows added in equal blocks on one kernel family.
public struct ColumnScatter: Sendable {
  /// Rows that are centred and multiplied together. Blocks that are added should be multiples of it.
  public static let chunkRows = 384
  private static let meansHeld = 64

  public let columns: Int
  public private(set) var rows = 0
  private let width: Int
  private var triangle: [Double]
  /// The mean of the first chunk, from which those of others are counted, weighted by √rows: `width` numbers each.
  private var origin: [Double] = []
  private var means: [Double] = []
  private var meanSum: [Double]
  private var scratch: [Float] = []

  public init(columns: Int) {
    self.columns = columns
    width = (columns + gram_panel() - 1) / gram_panel() * gram_panel()
    triangle = [Double](repeating: 0, count: gram_triangle(columns))
    meanSum = [Double](repeating: 0, count: columns)
  }

  /// Bytes that a sum over so many columns takes while it grows.
  public static func bytes(columns: Int) -> Int {
    8 * gram_triangle(columns) + 4 * gram_scratch(chunkRows, columns) + 8 * (meansHeld + 4) * (columns + gram_panel())
  }

  /// Adds rows. False if one of them holds a number that is not finite or beyond ±1e38; the sum is of no use then.
  /// - Complexity: O(rows · columns²).
  public mutating func add(_ block: UnsafeBufferPointer<Float>) -> Bool {
    precondition(block.count % max(columns, 1) == 0, "\(block.count) numbers in rows of \(columns)")
    guard let start = block.baseAddress, columns > 0 else { return true }
    let count = block.count / columns
    if scratch.isEmpty { scratch = [Float](repeating: 0, count: gram_scratch(Self.chunkRows, columns)) }
    var mean = [Double](repeating: 0, count: columns)
    for first in stride(from: 0, to: count, by: Self.chunkRows) {
      let size = min(Self.chunkRows, count - first)
      if gram_add(start + first * columns, size, columns, &scratch, &mean, &triangle) == 0 { return false }
      note(mean, rows: size)
    }
    return true
  }

  private mutating func note(_ mean: [Double], rows size: Int) {
    if origin.isEmpty { origin = mean }
    let weight = Double(size).squareRoot()
    let start = means.count
    means.append(contentsOf: repeatElement(0, count: width))
    for c in 0..<columns {
      let shift = mean[c] - origin[c]
      means[start + c] = weight * shift
      meanSum[c] += Double(size) * shift
    }
    rows += size
    if means.count == Self.meansHeld * width { foldMeans() }
  }

  private mutating func foldMeans() {
    gram_add_wide(means, means.count / width, columns, &triangle)
    means.removeAll(keepingCapacity: true)
  }

  /// Lets go of what only adding needs.
  public mutating func close() {
    foldMeans()
    means = []
    scratch = []
  }

  /// Rows, mean and scatter matrix [columns, columns] of the parts together. Equal bytes for equal parts in equal order.
  /// - Precondition: one part at least has rows.
  public static func total(_ parts: [ColumnScatter]) -> (rows: Int, mean: [Double], scatter: [Double]) {
    var parts = parts.filter { $0.rows > 0 }
    precondition(!parts.isEmpty, "no rows")
    for i in parts.indices { parts[i].close() }
    let columns = parts[0].columns
    let rows = parts.reduce(0) { $0 + $1.rows }
    let means = parts.map { part in
      (0..<columns).map { part.origin[$0] + part.meanSum[$0] / Double(part.rows) }
    }
    var mean = [Double](repeating: 0, count: columns)
    for (part, partMean) in zip(parts, means) {
      // From the first part's mean, so that one far from zero costs no figures.
      for c in 0..<columns { mean[c] += Double(part.rows) * (partMean[c] - means[0][c]) }
    }
    for c in 0..<columns { mean[c] = means[0][c] + mean[c] / Double(rows) }

    var triangle = parts[0].triangle
    for part in parts.dropFirst() { for i in triangle.indices { triangle[i] += part.triangle[i] } }
    var scatter = [Double](repeating: 0, count: columns * columns)
    gram_unfold(triangle, columns, &scatter)
    // Between the parts' means, and from each part's origin to its mean.
    var between: [Double] = []
    var within: [Double] = []
    for (part, partMean) in zip(parts, means) {
      let weight = Double(part.rows).squareRoot()
      for c in 0..<columns {
        between.append(weight * (partMean[c] - mean[c]))
        within.append(weight * (partMean[c] - part.origin[c]))
      }
    }
    BLAS.addGram(of: between, rows: parts.count, columns: columns, to: &scatter)
    BLAS.addGram(of: within, rows: parts.count, columns: columns, times: -1, to: &scatter)
    for i in 0..<columns { for j in i..<columns { scatter[j * columns + i] = scatter[i * columns + j] } }
    return (rows, mean, scatter)
  }
}
