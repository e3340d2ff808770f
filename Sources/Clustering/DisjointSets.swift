/// Sets of 0..<count that only ever join (Tarjan 1975: union by size, paths halved).
struct DisjointSets {
  private var parent: [Int32]
  private var size: [Int32]

  init(count: Int) {
    parent = (0..<Int32(count)).map { $0 }
    size = [Int32](repeating: 1, count: count)
  }

  /// The number that stands for the set of `x`.
  mutating func find(_ x: Int) -> Int {
    var x = x
    while Int(parent[x]) != x {
      parent[x] = parent[Int(parent[x])]
      x = Int(parent[x])
    }
    return x
  }

  /// Joins two sets; false if they were one already.
  @discardableResult mutating func join(_ x: Int, _ y: Int) -> Bool {
    var (x, y) = (find(x), find(y))
    if x == y { return false }
    if size[x] < size[y] { swap(&x, &y) }
    parent[y] = Int32(x)
    size[x] += size[y]
    return true
  }
}
