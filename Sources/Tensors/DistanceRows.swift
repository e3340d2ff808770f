import Kernels

extension Distances {
  /// Squared distances [asked, count] of one to four questions to packed rows of `columns` numbers, a row of the result every
  /// `stride` numbers: the very numbers of `squared`, by vector instructions. - Complexity: O(asked · count · columns).
  package static func squared(
    _ questions: UnsafePointer<Double>, asked: Int, _ rows: UnsafePointer<Float>, count: Int, columns: Int,
    into distances: UnsafeMutablePointer<Double>, stride: Int
  ) {
    density_squared_distances(questions, asked, rows, count, columns, distances, stride)
  }

  /// The least of `count` squares above zero, infinity where there is none.
  package static func nearest(_ squares: UnsafePointer<Double>, count: Int) -> Double {
    density_nearest(squares, count)
  }

  /// Σ (nearest / square)^(power / 2) over the squares above zero, by multiplications alone: at most 1 a term where `nearest` is
  /// the least of them, so that nothing overflows in any dimension.
  package static func inversePowers(
    _ squares: UnsafePointer<Double>, count: Int, nearest: Double, power: Int
  ) -> Double {
    density_inverse_powers(squares, count, nearest, power)
  }
}
