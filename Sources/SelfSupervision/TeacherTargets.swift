import Kernels
import Tensors
import VisionModels

/// What the teacher says of a batch: its logits while it looks, then the distributions that the student is to match.
///
/// Rows of one kind (class tokens of the global crops; hidden patches) become targets together, since Sinkhorn's need the whole batch.
final class TeacherTargets: @unchecked Sendable {
  let output: Int
  /// Rows of `output` numbers.
  private let rows: FloatBuffer
  private let entropies: FloatBuffer
  /// Numbers that multiply Sinkhorn's columns and, one for each, its rows.
  private let columnScales: FloatBuffer
  private let rowScales: FloatBuffer
  private static let block = 16

  init(rows count: Int, output: Int) {
    self.output = output
    rows = FloatBuffer(count * output)
    entropies = FloatBuffer(count)
    columnScales = FloatBuffer(output)
    rowScales = FloatBuffer(count)
  }

  subscript(row: Int) -> UnsafeMutablePointer<Float> { rows.pointer + row * output }

  /// Of a row that is a distribution, in nats.
  func entropy(_ row: Int) -> Double { Double(entropies.pointer[row]) }

  /// The largest output of each of the first rows, the first of equals.
  func winners(_ count: Int) -> [Int] {
    (0..<count).map { row in
      let values = self[row]
      let top = dino_largest(values, output)
      var winner = 0
      while winner < output - 1 && values[winner] != top { winner += 1 }
      return winner
    }
  }

  /// Logits become softmax((logits − centre) / temperature).
  func center(_ used: [Int], _ centering: Centering, temperature: Double, on pool: WorkerPool) {
    let factor = Float(1 / temperature)
    inBlocks(used, pool) { _, row in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: self.output) { target in
        let probabilities = target.baseAddress!
        self.entropies.pointer[row] = Float(
          dino_soft_target(self[row], centering.center.pointer, self.output, factor, probabilities))
        self[row].update(from: probabilities, count: self.output)
      }
    }
  }

  /// Logits become Sinkhorn and Knopp's assignment: every row adds up to 1, and every output gets the same share of the batch
  /// (Caron et al. 2020, SwAV, arXiv 2006.09882, section 3.1; three rounds, as in DINOv2, columns before rows).
  func sinkhorn(_ used: [Int], temperature: Double, on pool: WorkerPool) {
    if used.isEmpty { return }
    let factor = Float(1 / temperature)
    let top = used.reduce(-Float.infinity) { max($0, dino_largest(self[$1], output)) }
    inBlocks(used, pool) { _, row in _ = dino_exponentiate(self[row], self.output, factor, top) }
    for row in used { rowScales.pointer[row] = 1 }
    for _ in 0..<3 {
      columnScales.clear()
      for row in used { axpby(columnScales.pointer, self[row], output, rowScales.pointer[row], 1) }
      for k in 0..<output {
        columnScales.pointer[k] = 1 / (Float(output) * max(columnScales.pointer[k], .leastNormalMagnitude))
      }
      inBlocks(used, pool) { _, row in
        let sum = dino_dot(self[row], self.columnScales.pointer, self.output)
        self.rowScales.pointer[row] = 1 / (Float(used.count) * max(sum, .leastNormalMagnitude))
      }
    }
    inBlocks(used, pool) { _, row in
      dino_weigh(
        self[row], self.columnScales.pointer, self.output, self.rowScales.pointer[row] * Float(used.count))
      self.entropies.pointer[row] = Float(TeacherTargets.entropy(of: self[row], self.output))
    }
  }

  private static func entropy(of row: UnsafePointer<Float>, _ count: Int) -> Double {
    var sum = 0.0
    for k in 0..<count where row[k] > 1e-12 { sum -= Double(row[k]) * logarithm(Double(row[k])) }
    return sum
  }

  /// Rows one after the other on the pool's threads; what `body` makes of one must not depend on others.
  private func inBlocks(_ used: [Int], _ pool: WorkerPool, _ body: @Sendable (_ index: Int, _ row: Int) -> Void) {
    pool.run(jobs: (used.count + TeacherTargets.block - 1) / TeacherTargets.block) { job, _ in
      for index in job * TeacherTargets.block..<min((job + 1) * TeacherTargets.block, used.count) {
        body(index, used[index])
      }
    }
  }
}
