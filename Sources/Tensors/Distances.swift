import Kernels

/// Euclidean distances in 64 bits: what decides wherever 32-bit products only propose.
///
/// Four running sums, joined in one fixed order: equal bytes on every machine, and d(a, b) = d(b, a) exactly.
public enum Distances {
  /// ‖a − b‖² of two rows of `count` numbers. - Complexity: O(count).
  public static func squared(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Double {
    // The same sums in vectors; a call is worth it from here on.
    if count >= 12 { return neighbor_square(a, b, count) }
    var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
    var i = 0
    while i &+ 4 <= count {
      let d0 = Double(a[i]) - Double(b[i])
      let d1 = Double(a[i &+ 1]) - Double(b[i &+ 1])
      let d2 = Double(a[i &+ 2]) - Double(b[i &+ 2])
      let d3 = Double(a[i &+ 3]) - Double(b[i &+ 3])
      s0 += d0 * d0
      s1 += d1 * d1
      s2 += d2 * d2
      s3 += d3 * d3
      i &+= 4
    }
    while i < count {
      let d = Double(a[i]) - Double(b[i])
      s0 += d * d
      i &+= 1
    }
    return (s0 + s1) + (s2 + s3)
  }

  /// ‖a − b‖² where one row is already in 64 bits (a centre). - Complexity: O(count).
  public static func squared(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Double>, count: Int) -> Double {
    var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
    var i = 0
    while i &+ 4 <= count {
      let d0 = Double(a[i]) - b[i]
      let d1 = Double(a[i &+ 1]) - b[i &+ 1]
      let d2 = Double(a[i &+ 2]) - b[i &+ 2]
      let d3 = Double(a[i &+ 3]) - b[i &+ 3]
      s0 += d0 * d0
      s1 += d1 * d1
      s2 += d2 * d2
      s3 += d3 * d3
      i &+= 4
    }
    while i < count {
      let d = Double(a[i]) - b[i]
      s0 += d * d
      i &+= 1
    }
    return (s0 + s1) + (s2 + s3)
  }

  /// The distance between rows `i` and `j` of one matrix. - Complexity: O(columns).
  public static func between(_ i: Int, _ j: Int, of points: Matrix) -> Double {
    points.withUnsafeBufferPointer {
      guard let base = $0.baseAddress else { return 0 }
      return squared(base + i * points.columns, base + j * points.columns, count: points.columns).squareRoot()
    }
  }
}
