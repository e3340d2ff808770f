import Tensors

/// Which part of a pass one thread does: all of it, or its rows and heads where several threads share one image.
///
/// Rows don't know one another but in attention, so members meet before it, when all keys and values are there, and after it. A
/// number is computed the same way whoever computes it: shares change no byte.
struct Share {
  let index: Int
  let count: Int
  private let barrier: Barrier?

  static let whole = Share(index: 0, count: 1, barrier: nil)

  init(index: Int, count: Int, barrier: Barrier?) {
    self.index = index
    self.count = count
    self.barrier = barrier
  }

  func part(of total: Int) -> Range<Int> { total * index / count..<total * (index + 1) / count }

  func meet() { barrier?.wait() }
}
