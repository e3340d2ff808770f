/// The nearest rows found so far for each of many rows: a heap each, the farthest on top, ordered by (squared distance, index).
///
/// A heap may be offered to by one thread at a time; different rows' heaps by different threads.
struct NearestLists: @unchecked Sendable {
  let count: Int
  private let squares: UnsafeMutablePointer<Double>
  private let indices: UnsafeMutablePointer<Int32>
  private let filled: UnsafeMutablePointer<Int32>

  /// Room for `count >= 1` neighbours of each of `rows`. Must be given back by `deallocate`.
  init(rows: Int, count: Int) {
    self.count = count
    squares = .allocate(capacity: rows * count)
    indices = .allocate(capacity: rows * count)
    filled = .allocate(capacity: rows)
    filled.initialize(repeating: 0, count: rows)
  }

  func deallocate() {
    squares.deallocate()
    indices.deallocate()
    filled.deallocate()
  }

  /// Above this squared distance nothing gets in: infinite until the heap is full.
  func limit(_ row: Int) -> Double { Int(filled[row]) < count ? .infinity : squares[row * count] }

  /// Returns whether the limit became another.
  func offer(_ row: Int, _ square: Double, _ index: Int32) -> Bool {
    let (squares, indices) = (squares + row * count, indices + row * count)
    let have = Int(filled[row])
    if have < count {
      var at = have
      while at > 0 {
        let parent = (at - 1) / 2
        if !isBefore(squares[parent], indices[parent], square, index) { break }
        (squares[at], indices[at]) = (squares[parent], indices[parent])
        at = parent
      }
      (squares[at], indices[at]) = (square, index)
      filled[row] = Int32(have + 1)
      return have + 1 == count
    }
    if !isBefore(square, index, squares[0], indices[0]) { return false }
    sink(square, index, squares, indices, count)
    return true
  }

  /// The row's neighbours and their squared distances, nearest first. The heap is empty after that.
  func drain(_ row: Int, _ target: UnsafeMutablePointer<Int32>, _ ascending: UnsafeMutablePointer<Double>) {
    let (squares, indices) = (squares + row * count, indices + row * count)
    precondition(Int(filled[row]) == count, "\(filled[row]) of \(count) neighbours: are all numbers finite?")
    for place in stride(from: count - 1, through: 0, by: -1) {
      target[place] = indices[0]
      ascending[place] = squares[0]
      sink(squares[place], indices[place], squares, indices, place)
    }
    filled[row] = 0
  }

  /// Puts something in the place of the top of a heap of `size`.
  private func sink(
    _ square: Double, _ index: Int32, _ squares: UnsafeMutablePointer<Double>, _ indices: UnsafeMutablePointer<Int32>,
    _ size: Int
  ) {
    var at = 0
    while true {
      var child = 2 * at + 1
      if child >= size { break }
      if child + 1 < size && isBefore(squares[child], indices[child], squares[child + 1], indices[child + 1]) {
        child += 1
      }
      if !isBefore(square, index, squares[child], indices[child]) { break }
      (squares[at], indices[at]) = (squares[child], indices[child])
      at = child
    }
    (squares[at], indices[at]) = (square, index)
  }

  private func isBefore(_ a: Double, _ i: Int32, _ b: Double, _ j: Int32) -> Bool { a != b ? a < b : i < j }
}
