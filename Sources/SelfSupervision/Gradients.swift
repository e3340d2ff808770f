import Kernels
import Tensors
import VisionModels

/// Adds up the lanes' gradients in lane order and measures every tensor's norm.
///
/// The flat buffer is cut into pieces that never cross a tensor's border; a piece is one job, and a tensor's norm is the sum over
/// its pieces in order: the result does not know how many threads there were.
final class GradientSum: @unchecked Sendable {
  struct Piece {
    let tensor: Int
    let range: Range<Int>
  }

  let layout: ParameterLayout
  let head: ProjectionHead
  let pieces: [Piece]
  /// One gradient a lane.
  let lanes: [FloatBuffer]
  /// The sum; the last layer's as that of g and v.
  let total: ParameterBuffer
  private let table: UnsafeMutablePointer<UnsafePointer<Float>?>
  private let squares: UnsafeMutablePointer<Double>
  private let lengthSquares: UnsafeMutablePointer<Double>
  private let lengthTensor: Int
  private let directionTensor: Int
  /// Norm of each tensor of the layout after `add`.
  private(set) var norms: [Double]

  init(layout: ParameterLayout, head: ProjectionHead, lanes count: Int) {
    self.layout = layout
    self.head = head
    var pieces: [Piece] = []
    for (tensor, entry) in layout.entries.enumerated() {
      let size = entry.path == ProjectionHead.directionPath ? max(1, 65536 / head.bottleneck) * head.bottleneck : 65536
      for start in stride(from: entry.range.lowerBound, to: entry.range.upperBound, by: size) {
        pieces.append(Piece(tensor: tensor, range: start..<min(start + size, entry.range.upperBound)))
      }
    }
    self.pieces = pieces
    lanes = (0..<count).map { _ in FloatBuffer(layout.count) }
    total = ParameterBuffer(layout)
    table = .allocate(capacity: count)
    for (lane, buffer) in lanes.enumerated() { (table + lane).initialize(to: UnsafePointer(buffer.pointer)) }
    squares = .allocate(capacity: pieces.count)
    squares.initialize(repeating: 0, count: pieces.count)
    lengthSquares = .allocate(capacity: pieces.count)
    lengthSquares.initialize(repeating: 0, count: pieces.count)
    lengthTensor = layout.entries.firstIndex { $0.path == ProjectionHead.lengthPath }!
    directionTensor = layout.entries.firstIndex { $0.path == ProjectionHead.directionPath }!
    norms = [Double](repeating: 0, count: layout.entries.count)
  }

  deinit {
    table.deallocate()
    squares.deallocate()
    lengthSquares.deallocate()
  }

  /// Sums the first `count` lanes into `total` and sets `norms`.
  func add(lanes count: Int, parameters: ParameterBuffer, _ pool: WorkerPool) {
    pool.run(jobs: pieces.count) { index, _ in
      OperationProfile.measure(.gradientSum) { self.add(index, count, parameters) }
    }
    for tensor in norms.indices { norms[tensor] = 0 }
    for (index, piece) in pieces.enumerated() where piece.tensor != lengthTensor {
      norms[piece.tensor] += squares[index]
      if piece.tensor == directionTensor { norms[lengthTensor] += lengthSquares[index] }
    }
    for tensor in norms.indices { norms[tensor] = norms[tensor].squareRoot() }
  }

  private func add(_ index: Int, _ count: Int, _ parameters: ParameterBuffer) {
    let piece = pieces[index]
    // The lengths' gradient comes out of the directions' pieces.
    if piece.tensor == lengthTensor { return }
    let sum = total.pointer + piece.range.lowerBound
    dino_sum_lanes(table, count, piece.range.lowerBound, piece.range.count, sum)
    if piece.tensor == directionTensor {
      let first = (piece.range.lowerBound - head.direction.lowerBound) / head.bottleneck
      let rows = first..<first + piece.range.count / head.bottleneck
      differentiateLastLayer(rows, parameters.pointer)
      lengthSquares[index] = sum_of_squares(total.pointer + head.length.lowerBound + first, rows.count)
    }
    squares[index] = sum_of_squares(sum, piece.range.count)
  }

  /// W = g·v/‖v‖, so dg = dW·v/‖v‖ and dv = g/‖v‖ · (dW − dg · v/‖v‖): only what turns the direction remains.
  private func differentiateLastLayer(_ rows: Range<Int>, _ parameters: UnsafePointer<Float>) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: head.bottleneck) { unit in
      for row in rows {
        let place = head.direction.lowerBound + row * head.bottleneck
        let norm = dino_unit(parameters + place, head.bottleneck, unit.baseAddress!)
        let g = parameters[head.length.lowerBound + row]
        total.pointer[head.length.lowerBound + row] = dino_tangent(
          unit.baseAddress!, total.pointer + place, head.bottleneck, g / norm, total.pointer + place)
      }
    }
  }
}
