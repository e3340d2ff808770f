import Kernels
package import Tensors

/// One weight matrix in the order in which products read it: for x Wᵀ, and for training also for dy W.
package final class PackedMatrix: @unchecked Sendable {
  package let inputs: Int
  package let outputs: Int
  let precision: Precision
  private let forwardWords: OperandBuffer
  private let backwardWords: OperandBuffer?

  package init(inputs: Int, outputs: Int, precision: Precision, forTraining: Bool) {
    self.inputs = inputs
    self.outputs = outputs
    self.precision = precision
    forwardWords = OperandBuffer(bytes: 4 * product_right_words(inputs, outputs, precision.number))
    backwardWords =
      forTraining ? OperandBuffer(bytes: 4 * product_right_words(outputs, inputs, precision.number)) : nil
  }

  /// How many jobs packing is worth.
  package var pieces: Int { max(1, inputs * outputs >> 17) }

  /// Packs one of the `pieces` of the weight [outputs, inputs]; all of them make the whole. - Complexity: O(inputs · outputs / pieces).
  package func pack(_ weight: UnsafePointer<Float>, piece: Int) {
    let number = precision.number
    let rows = part(of: outputs, piece)
    product_pack_transposed(
      words(forwardWords) + rows.lowerBound * product_words(inputs, number), number, weight + rows.lowerBound * inputs,
      Precision.f32.number, inputs, inputs, rows.count)
    guard let backwardWords else { return }
    let columns = part(of: inputs, piece)
    product_pack(
      words(backwardWords) + columns.lowerBound * product_words(outputs, number), number, weight + columns.lowerBound,
      Precision.f32.number, inputs, outputs, columns.count)
  }

  /// Whole panels.
  private func part(of count: Int, _ piece: Int) -> Range<Int> {
    let width = Int(product_panel)
    let panels = (count + width - 1) / width
    return min(count, panels * piece / pieces * width)..<min(count, panels * (piece + 1) / pieces * width)
  }

  private func words(_ buffer: OperandBuffer) -> UnsafeMutablePointer<UInt32> {
    buffer.pointer.assumingMemoryBound(to: UInt32.self)
  }

  /// The right side of x Wᵀ.
  package var forward: UnsafePointer<UInt32> { UnsafePointer(words(forwardWords)) }

  /// The right side of dy W.
  package var backward: UnsafePointer<UInt32> {
    guard let backwardWords else { preconditionFailure("weights packed for inference have no way back") }
    return UnsafePointer(words(backwardWords))
  }
}

/// A model's numbers as its products read them: every matrix packed once, in the precision of the products, and shared by all threads.
///
/// Biases, norms and tables are read from the parameters as they are. Whoever changes the parameters packs them again.
public final class PackedWeights: @unchecked Sendable {
  public let precision: Precision
  public let parameters: ParameterBuffer
  let matrices: [PackedMatrix]
  private let pieces: [(matrix: Int, piece: Int)]

  /// Packs on the calling thread. - Complexity: O(parameters).
  /// - Parameter forTraining: also for the way back.
  public init(_ parameters: ParameterBuffer, precision: Precision, forTraining: Bool = false) {
    self.parameters = parameters
    self.precision = precision
    matrices = parameters.layout.products.map {
      PackedMatrix(inputs: $0.inputs, outputs: $0.outputs, precision: precision, forTraining: forTraining)
    }
    pieces = matrices.enumerated().flatMap { index, matrix in (0..<matrix.pieces).map { (index, $0) } }
    for index in pieces.indices { pack(index) }
  }

  /// Packs the parameters' present numbers. No product may be under way.
  package func refresh(on pool: WorkerPool) {
    pool.run(jobs: pieces.count) { index, _ in self.pack(index) }
  }

  private func pack(_ index: Int) {
    let (matrix, piece) = pieces[index]
    OperationProfile.measure(.packing) {
      matrices[matrix].pack(parameters.pointer + parameters.layout.products[matrix].offset, piece: piece)
    }
  }
}
