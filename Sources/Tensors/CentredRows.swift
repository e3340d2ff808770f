import Kernels

/// Takes a mean from 32-bit rows without losing figures to its size: it comes in two parts, and rows are freed of one after the other.
///
/// x − high is exact where x lies within a factor of two of the mean (Sterbenz's lemma), so what remains is rounded at the size of the
/// deviation, not of the mean.
public struct CentredRows: Sendable {
  private let high: [Float]
  private let low: [Float]

  public init(mean: [Double]) {
    high = mean.map { Float($0) }
    low = zip(mean, high).map { Float($0 - Double($1)) }
  }

  /// target = x − mean for each of the rows. - Complexity: O(rows · columns).
  public func centre(_ x: UnsafePointer<Float>, rows: Int, into target: UnsafeMutablePointer<Float>) {
    gram_centre(x, rows, high.count, high, low, target)
  }
}

/// Lengths of 32-bit rows, in 64 bits: squares are exact and summed in one order, so that bytes are equal on every machine.
public enum RowLengths {
  /// ‖x‖² of `count` numbers.
  public static func squared(_ x: UnsafePointer<Float>, count: Int) -> Double { gram_square(x, count) }

  /// target = x / ‖x‖ for each of the rows, rounded once; rows of length zero stay zero. - Complexity: O(rows · columns).
  public static func divide(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, into target: UnsafeMutablePointer<Float>
  ) {
    gram_unit_rows(x, rows, columns, target)
  }
}
