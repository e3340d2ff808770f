package import Tensors
package import VisionModels

extension ProjectionHead {
  /// What backward needs and the scratch of both directions, for up to `rows` feature vectors; used by one thread at a time.
  package final class Tape: @unchecked Sendable {
    package let rows: Int
    /// [rows, output] after forward.
    package var logits: UnsafePointer<Float> { UnsafePointer(outputs.pointer) }
    let features: OperandBuffer
    /// What the two GELUs are given, for backward.
    let before1: OperandBuffer?
    let before2: OperandBuffer?
    let after1: OperandBuffer
    let after2: OperandBuffer
    /// The bottleneck at length one, as it is and as an operand.
    let unit: FloatBuffer
    let unitOperand: OperandBuffer
    let norms: FloatBuffer
    let outputs: FloatBuffer
    let gradients: Gradients?
    var bytes: Int {
      [features, before1, before2, after1, after2, unitOperand].reduce(0) { $0 + ($1?.bytes ?? 0) }
        + [unit, norms, outputs].reduce(gradients?.bytes ?? 0) { $0 + $1.bytes }
    }

    init(_ head: ProjectionHead, rows: Int, _ precision: Precision, forTraining: Bool) {
      self.rows = rows
      features = OperandBuffer(rows * operandStride(head.input), precision)
      before1 = forTraining ? OperandBuffer(rows * operandStride(head.hidden), precision) : nil
      before2 = forTraining ? OperandBuffer(rows * operandStride(head.hidden), precision) : nil
      after1 = OperandBuffer(rows * operandStride(head.hidden), precision)
      after2 = OperandBuffer(rows * operandStride(head.hidden), precision)
      unit = FloatBuffer(rows * head.bottleneck)
      unitOperand = OperandBuffer(rows * operandStride(head.bottleneck), precision)
      norms = FloatBuffer(rows)
      outputs = FloatBuffer(rows * head.output)
      gradients = forTraining ? Gradients(head, rows: rows, precision) : nil
    }
  }

  /// Scratch of backward.
  final class Gradients: Sendable {
    let logits: OperandBuffer
    let unit: FloatBuffer
    let unitOperand: OperandBuffer
    let hidden1: OperandBuffer
    let hidden2: OperandBuffer
    let pack: PackScratch
    var bytes: Int {
      [logits, unitOperand, hidden1, hidden2].reduce(unit.bytes + pack.bytes) { $0 + $1.bytes }
    }

    init(_ head: ProjectionHead, rows: Int, _ precision: Precision) {
      logits = OperandBuffer(rows * operandStride(head.output), precision)
      unit = FloatBuffer(rows * head.bottleneck)
      unitOperand = OperandBuffer(rows * operandStride(head.bottleneck), precision)
      hidden1 = OperandBuffer(rows * operandStride(head.hidden), precision)
      hidden2 = OperandBuffer(rows * operandStride(head.hidden), precision)
      pack = PackScratch(
        rows: rows, outputs: max(head.hidden, head.output, head.bottleneck),
        inputs: max(head.hidden, head.bottleneck, head.input), precision)
    }
  }
}

/// The last layer's finished rows, g·v/‖v‖, as products read them.
package final class LastLayer: Sendable {
  private static let block = 512
  private let head: ProjectionHead
  private let rows: FloatBuffer
  let packed: PackedMatrix

  init(_ head: ProjectionHead, _ precision: Precision, forTraining: Bool) {
    self.head = head
    rows = FloatBuffer(head.output * head.bottleneck)
    packed = PackedMatrix(
      inputs: head.bottleneck, outputs: head.output, precision: precision, forTraining: forTraining)
  }

  /// [output, bottleneck], as they were last made.
  package var values: [Float] { rows.values }

  /// Makes them anew of the parameters. - Complexity: O(output · bottleneck).
  package func renew(_ parameters: ParameterBuffer, on pool: WorkerPool) {
    let numbers = UnsafePointer(parameters.pointer)
    nonisolated(unsafe) let source = numbers
    pool.run(jobs: (head.output + LastLayer.block - 1) / LastLayer.block) { job, _ in
      let rows = job * LastLayer.block..<min((job + 1) * LastLayer.block, self.head.output)
      self.head.lastLayer(source, rows: rows, into: self.rows.pointer)
    }
    pool.run(jobs: packed.pieces) { piece, _ in self.packed.pack(self.rows.pointer, piece: piece) }
  }
}
