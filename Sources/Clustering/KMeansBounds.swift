import Tensors

/// What is known, without looking, of how far rows are from centres: a byte a row and centre, and a reach a row.
///
/// The bounds are Elkan's (2003): a row is at least (distance when last looked at) − (what the centre has travelled since) away
/// from a centre. A byte holds ⌊(distance + path of the centre so far) / step⌋, so that a centre's move changes one number of its own
/// and no byte; comparing bytes with the centre's path and the row's reach, all in whole steps rounded outwards, says which centres may
/// be as near as the row's own. A step is a hundredth of the rows' root mean square distance to their mean. All lengths are those
/// of `DistanceScreen`.
///
/// Rows beyond those `limit` bytes hold have no bounds. Memory: n · k bytes and 4 n.
final class KMeansBounds: @unchecked Sendable {
  let rows: Int
  private let count: Int
  private let bytes: UnsafeMutablePointer<UInt8>
  /// At least the distance of each row to its own centre.
  let reaches: UnsafeMutablePointer<Float>
  /// Whether the bytes mean anything yet.
  var areFilled = false
  /// 1 / step, rounded down.
  let perStep: Float
  private let step: Double
  private var path: [Double]
  /// `path`, rounded down, and in steps, rounded up.
  private(set) var pathBelow: [Float]
  private(set) var pathInSteps: [UInt8]
  /// How far each centre moved last, rounded up.
  private(set) var moved: [Float]

  init(_ problem: KMeansProblem) {
    count = problem.nClusters
    rows = min(problem.rows, problem.boundsLimit / max(count, 1))
    bytes = .allocate(capacity: max(rows * count, 1))
    reaches = .allocate(capacity: max(rows, 1))
    let spread = (problem.meanVariance * Double(problem.columns) * problem.screen.squaredScale).squareRoot()
    step = spread > 0 ? spread * 0.01 : 1
    // The root that bytes are made of may be too large by some roundings.
    perStep = Float(0.99999 / step)
    path = [Double](repeating: 0, count: count)
    pathBelow = [Float](repeating: 0, count: count)
    pathInSteps = [UInt8](repeating: 0, count: count)
    moved = [Float](repeating: 0, count: count)
  }

  deinit {
    bytes.deallocate()
    reaches.deallocate()
  }

  func bytes(ofRow row: Int) -> UnsafeMutablePointer<UInt8> { bytes + row * count }

  /// A reach as `CenterRows.unsure` takes it: a bound of path + this + 1 steps or more is surely farther, by more than any rounding.
  func inSteps(_ reach: Float) -> UInt8 {
    let steps = (Double(reach) * 1.000001 / step).rounded(.up)
    return steps < 255 ? UInt8(max(steps, 1)) - 1 : 255
  }

  /// Notes how far the centres moved. Where paths have become long, so that bytes run out, takes them out of the bytes.
  func move(by distances: [Double], workers: WorkerPool) {
    for j in 0..<count {
      path[j] = areFilled ? path[j] + distances[j] * (1 + 1e-9) : 0
      moved[j] = Float(distances[j] * (1 + 1e-9)).nextUp
    }
    if areFilled && path.count(where: { $0 > 64 * step }) > count / 16 { rebase(workers) }
    for j in 0..<count {
      pathBelow[j] = max(0, Float(path[j]).nextDown)
      pathInSteps[j] = UInt8(min(255, (path[j] * 1.000001 / step).rounded(.up)))
    }
  }

  private func rebase(_ workers: WorkerPool) {
    let steps = path.map { UInt8(min(255, ($0 / step).rounded(.down))) }
    for j in 0..<count { path[j] = max(0, path[j] - Double(steps[j]) * step) }
    let size = 4096
    workers.run(jobs: (rows + size - 1) / size) { job, _ in
      for row in job * size..<min((job + 1) * size, self.rows) {
        CenterRows.rebase(self.bytes(ofRow: row), by: steps, count: self.count)
      }
    }
  }
}
