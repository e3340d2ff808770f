/// The components of one round, numbered by their lowest row, with their points side by side.
struct Components {
  let count: Int
  /// The component of each row.
  let of: [Int32]
  /// All rows, component by component, ascending within each.
  let order: [Int]
  /// The component with the most rows, the first of equals.
  let largest: Int
  private let starts: [Int]

  init(_ sets: inout DisjointSets, count rows: Int) {
    var number = [Int32](repeating: -1, count: rows)
    var sizes: [Int] = []
    var of = [Int32](repeating: 0, count: rows)
    for row in 0..<rows {
      let root = sets.find(row)
      if number[root] < 0 {
        number[root] = Int32(sizes.count)
        sizes.append(0)
      }
      of[row] = number[root]
      sizes[Int(number[root])] += 1
    }
    var starts = [0]
    for size in sizes { starts.append(starts.last! + size) }
    var next = starts
    var order = [Int](repeating: 0, count: rows)
    for row in 0..<rows {
      order[next[Int(of[row])]] = row
      next[Int(of[row])] += 1
    }
    count = sizes.count
    self.of = of
    self.order = order
    self.starts = starts
    var largest = 0
    for component in sizes.indices where sizes[component] > sizes[largest] { largest = component }
    self.largest = largest
  }

  /// Where in `order` the rows of a component lie.
  func range(_ component: Int) -> Range<Int> { starts[component]..<starts[component + 1] }
}
