import Kernels
package import VisionModels

/// The centre c that is taken off the teacher's logits, so that no output can win every image: a running mean of the raw logits.
package final class Centering: @unchecked Sendable {
  package let center: FloatBuffer
  let momentum: Float

  package init(output: Int, momentum: Double) {
    center = FloatBuffer(output)
    self.momentum = Float(momentum)
  }

  /// c = m·c + (1 − m)·mean, after the loss of the step. - Parameter mean: of the teacher's raw logits over the batch.
  /// - Returns: how far the centre moved, ‖change‖ / ‖c‖.
  @discardableResult package func update(mean: FloatBuffer) -> Double {
    var distance = 0.0
    for k in 0..<center.count {
      let difference = Double(mean.pointer[k]) - Double(center.pointer[k])
      distance += difference * difference
    }
    ema(center.pointer, mean.pointer, center.count, momentum)
    let size = sum_of_squares(center.pointer, center.count)
    return size > 0 ? Double(1 - momentum) * (distance / size).squareRoot() : 0
  }
}

/// The mean of a batch's raw logits, summed lane by lane.
final class BatchMean: @unchecked Sendable {
  private let sums: [FloatBuffer]
  private let rows: UnsafeMutablePointer<Int>
  private let mean: FloatBuffer

  init(output: Int, lanes: Int) {
    sums = (0..<lanes).map { _ in FloatBuffer(output) }
    rows = .allocate(capacity: lanes)
    rows.initialize(repeating: 0, count: lanes)
    mean = FloatBuffer(output)
  }

  deinit { rows.deallocate() }

  func begin(lane: Int) {
    sums[lane].clear()
    rows[lane] = 0
  }

  func add(_ logits: UnsafePointer<Float>, rows count: Int, lane: Int) {
    column_sums(sums[lane].pointer, logits, Precision.f32.number, count, mean.count, mean.count)
    rows[lane] += count
  }

  /// Moves a centre; it stays where there was nothing to count. - Returns: how far it moved, relative to its length.
  @discardableResult func update(_ centering: Centering, lanes: Int) -> Double {
    let total = (0..<lanes).reduce(0) { $0 + rows[$1] }
    if total == 0 { return 0 }
    mean.clear()
    for lane in 0..<lanes { axpby(mean.pointer, sums[lane].pointer, mean.count, 1, 1) }
    dino_scale(mean.pointer, mean.count, 1 / Float(total))
    return centering.update(mean: mean)
  }
}
