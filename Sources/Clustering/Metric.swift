public import Tensors

/// How far apart two rows are.
public enum Metric: String, Sendable, Hashable, Codable, CaseIterable {
  /// ‖a − b‖.
  case euclidean
  /// 1 − cos(a, b), in 0…2: that of the rows brought to length 1, ‖a − b‖² / 2.
  case cosine

  /// The rows whose Euclidean distances order pairs as this metric does: the points themselves, or, for the cosine, each row divided
  /// by its length (in 64 bits, rounded once to 32), with one column more.
  ///
  /// A row of zeros has no direction. It gets one at right angles to all others, in the last column: its distance to every row
  /// is 1, as in scikit-learn, and to another row of zeros 0.
  /// - Complexity: O(rows · columns).
  public func embedded(_ points: Matrix) -> Matrix {
    switch self {
    case .euclidean: return points
    case .cosine:
      let (d, width) = (points.columns, points.columns + 1)
      var rows = Matrix(rows: points.rows, columns: width)
      points.withUnsafeBufferPointer { source in
        rows.withUnsafeMutableBufferPointer { target in
          for row in 0..<points.rows {
            var square = 0.0
            for c in 0..<d { square += Double(source[row * d + c]) * Double(source[row * d + c]) }
            if square == 0 {
              target[row * width + d] = 1
              continue
            }
            let length = square.squareRoot()
            for c in 0..<d { target[row * width + c] = Float(Double(source[row * d + c]) / length) }
          }
        }
      }
      return rows
    }
  }

  /// The distance of two embedded rows, given their Euclidean distance: it rises with it.
  public func distance(ofEuclidean distance: Double) -> Double {
    switch self {
    case .euclidean: distance
    case .cosine: distance * distance / 2
    }
  }

  /// What divides Euclidean distances where `alpha` is to divide these.
  func euclideanAlpha(_ alpha: Double) -> Double {
    switch self {
    case .euclidean: alpha
    case .cosine: alpha.squareRoot()
    }
  }
}
