import Tensors

/// The points of one k-means fit, made ready: what seeding and Lloyd's iteration share.
///
/// Rows are worked on in chunks whose size depends on their number alone; sums are added up in chunk order.
struct KMeansProblem: Sendable {
  let points: Matrix
  let nClusters: Int
  let screen: DistanceScreen
  let packed: DistanceScreen.Packed
  let chunks: [Range<Int>]
  /// Mean over the columns of their (population) variances: the scale of `tolerance`.
  let meanVariance: Double

  init(points: Matrix, holding others: Matrix?, nClusters: Int) {
    self.points = points
    self.nClusters = nClusters
    screen = DistanceScreen(centredOn: points, holding: others)
    packed = screen.packed(points)
    let size = max(512, (points.rows + 63) / 64)
    chunks = stride(from: 0, to: points.rows, by: size).map { $0..<min($0 + size, points.rows) }
    meanVariance = Self.meanVariance(of: points)
  }

  /// What one start led to.
  struct Outcome: Sendable {
    var labels: [Int32]
    /// `nClusters × columns` numbers.
    var centers: [Double]
    var inertia: Double
    var iterations: Int
  }

  /// Centres in asking form, and the largest of their norms.
  struct Questions: Sendable {
    let count: Int
    let storage: [Float]
    let largestNorm: Double

    init(_ rows: [Double], count: Int, screen: DistanceScreen) {
      var storage = [Float](repeating: 0, count: count * screen.width)
      var largest = 0.0
      rows.withUnsafeBufferPointer { rows in
        storage.withUnsafeMutableBufferPointer { storage in
          guard let rows = rows.baseAddress else { return }
          for i in 0..<count {
            largest = max(
              largest, screen.ask(rows + i * screen.columns, into: storage.baseAddress! + i * screen.width))
          }
        }
      }
      self.count = count
      self.storage = storage
      largestNorm = largest
    }
  }

  /// Proposed distances of the rows of a chunk to the centres asked for, [rows, centres], a few hundred rows at a time.
  func forEachProposal(
    in chunk: Range<Int>, _ questions: Questions, _ body: (_ row: Int, _ proposed: UnsafePointer<Float>) -> Void
  ) {
    let k = questions.count
    let step = 256
    let width = screen.width
    withUnsafeTemporaryAllocation(of: Float.self, capacity: step * k) { proposed in
      packed.storage.withUnsafeBufferPointer { stored in
        for start in stride(from: chunk.lowerBound, to: chunk.upperBound, by: step) {
          let rows = min(step, chunk.upperBound - start)
          BLAS.multiply(
            stored.baseAddress! + start * width, questions.storage, transposeB: true, into: proposed.baseAddress!,
            m: rows,
            n: k, k: width)
          for i in 0..<rows { body(start + i, proposed.baseAddress! + i * k) }
        }
      }
    }
  }

  /// For each row 1 − (distance to its centre) / (distance to the nearest other centre), in 0…1; 1 where there is no other.
  func strengths(_ labels: [Int32], _ centers: [Double]) -> [Float] {
    let d = points.columns
    if nClusters == 1 || d == 0 { return [Float](repeating: 1, count: points.rows) }
    return points.withUnsafeBufferPointer { x in
      centers.withUnsafeBufferPointer { c in
        (0..<points.rows).map { row in
          let own = Int(labels[row])
          let a = Distances.squared(x.baseAddress! + row * d, c.baseAddress! + own * d, count: d)
          var b = Double.infinity
          for other in 0..<nClusters where other != own {
            b = min(b, Distances.squared(x.baseAddress! + row * d, c.baseAddress! + other * d, count: d))
          }
          return b > a ? Float(1 - (a / b).squareRoot()) : 0
        }
      }
    }
  }

  private static func meanVariance(of points: Matrix) -> Double {
    let (n, d) = (points.rows, points.columns)
    if n == 0 || d == 0 { return 0 }
    return points.withUnsafeBufferPointer { x in
      var mean = [Double](repeating: 0, count: d)
      for row in 0..<n { for c in 0..<d { mean[c] += Double(x[row * d + c]) } }
      for c in 0..<d { mean[c] /= Double(n) }
      var sum = 0.0
      for row in 0..<n {
        for c in 0..<d {
          let difference = Double(x[row * d + c]) - mean[c]
          sum += difference * difference
        }
      }
      return sum / Double(n) / Double(d)
    }
  }
}
