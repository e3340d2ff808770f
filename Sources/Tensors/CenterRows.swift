import Kernels

/// The inner loops of k-means (`center_rows.h`) by Swift names: proposals of distances to centres, bounds of a byte each, sums of rows.
/// Indices of centres are 32 bits wide; nothing here allocates or checks.
package enum CenterRows {
  /// Puts (x − origin) · scale into the stored form of `DistanceScreen`; returns the squared norm,
  /// to within (columns / 4 + 4) · 2⁻²⁴ of it.
  package static func store(
    _ x: UnsafePointer<Float>, origin: UnsafePointer<Float>, scale: Float, columns: Int,
    into row: UnsafeMutablePointer<Float>
  ) -> Double { center_store(x, origin, scale, columns, row) }

  /// Sets a flag for each centre but `own` whose bound is at most `travelled + reach`; returns how many are set.
  package static func unsure(
    _ bounds: UnsafePointer<UInt8>, _ travelled: UnsafePointer<UInt8>, reach: UInt8, own: Int, count: Int,
    into flags: UnsafeMutablePointer<UInt8>
  ) -> Int { center_unsure(bounds, travelled, reach, own, count, flags) }

  /// Adds flags into a tally, no number of which may pass 255.
  package static func tally(
    _ flags: UnsafePointer<UInt8>, count: Int, into tally: UnsafeMutablePointer<UInt8>
  ) { center_tally(flags, count, tally) }

  /// Writes the indices of the flags that are set, ascending; returns how many.
  package static func list(
    _ flags: UnsafePointer<UInt8>, count: Int, into which: UnsafeMutablePointer<UInt32>
  ) -> Int { center_list(flags, count, which) }

  /// The centre other than `own` that the bounds allow to be nearest, the lowest of equals. - Precondition: `count >= 2`.
  package static func likely(
    _ bounds: UnsafePointer<UInt8>, _ travelled: UnsafePointer<UInt8>, own: Int, count: Int
  ) -> Int { center_likely(bounds, travelled, own, count) }

  /// Lowers bounds by `steps`, not below zero.
  package static func rebase(_ bounds: UnsafeMutablePointer<UInt8>, by steps: UnsafePointer<UInt8>, count: Int) {
    center_rebase(bounds, steps, count)
  }

  /// Proposed distances of one stored row to the centres `which`, `columns + 2` numbers each.
  package static func products(
    _ row: UnsafePointer<Float>, _ questions: UnsafePointer<Float>, columns: Int, which: UnsafePointer<UInt32>,
    count: Int, into products: UnsafeMutablePointer<Float>
  ) { center_products(row, questions, columns, columns + 2, which, count, products) }

  /// The least of products + slack. - Precondition: `count >= 1`.
  package static func least(_ products: UnsafePointer<Float>, slack: UnsafePointer<Float>, count: Int) -> Float {
    center_least(products, slack, count)
  }

  /// Writes the indices of products that are at most `limit`, ascending; returns how many.
  package static func within(
    _ products: UnsafePointer<Float>, count: Int, limit: Float, into which: UnsafeMutablePointer<UInt32>
  ) -> Int { center_within(products, count, limit, which) }

  /// Bounds of a byte from the products with all centres.
  package static func bounds(
    _ products: UnsafePointer<Float>, travelled: UnsafePointer<Float>, error: Float, perStep: Float, count: Int,
    into bounds: UnsafeMutablePointer<UInt8>
  ) { center_bounds(products, travelled, error, perStep, count, bounds) }

  /// Bounds of a byte from the products with the centres `which`.
  package static func bounds(
    _ products: UnsafePointer<Float>, at which: UnsafePointer<UInt32>, travelled: UnsafePointer<Float>, error: Float,
    perStep: Float, count: Int, into bounds: UnsafeMutablePointer<UInt8>
  ) { center_bounds_at(products, which, travelled, error, perStep, count, bounds) }

  /// Widens the range of every column to hold a row.
  package static func extend(
    _ low: UnsafeMutablePointer<Float>, _ high: UnsafeMutablePointer<Float>, toHold row: UnsafePointer<Float>,
    count: Int
  ) { center_extend(low, high, row, count) }

  /// Adds a row into a sum.
  package static func add(_ row: UnsafePointer<Float>, count: Int, into sum: UnsafeMutablePointer<Double>) {
    center_add(sum, row, count)
  }

  /// `Distances.squared`, to the bit.
  package static func distance(_ row: UnsafePointer<Float>, _ center: UnsafePointer<Double>, count: Int) -> Double {
    center_distance(row, center, count)
  }
}
