/// Regions of true cells on a grid, found by a scan and a union of neighbours; numbered in the order of their first cells.
struct ConnectedRegions {
  /// The region of each cell; -1 where the cell is false.
  private(set) var labels: [Int32]
  /// Cells in each region, and whether it touches the grid's edge.
  private(set) var sizes: [Int] = []
  private(set) var touchesEdge: [Bool] = []

  /// - Parameter isDiagonal: whether cells that share only a corner are neighbours (8 neighbours instead of 4).
  /// - Complexity: O(cells · α). Deterministic.
  init(_ cells: [Bool], width: Int, height: Int, isDiagonal: Bool) {
    precondition(cells.count == width * height, "\(cells.count) cells on a grid of \(width) × \(height)")
    var parents = [Int32](repeating: 0, count: cells.count)
    for i in parents.indices { parents[i] = Int32(i) }
    func root(_ cell: Int) -> Int {
      var cell = cell
      while Int(parents[cell]) != cell {
        parents[cell] = parents[Int(parents[cell])]
        cell = Int(parents[cell])
      }
      return cell
    }
    func join(_ a: Int, _ b: Int) {
      let (first, second) = (root(a), root(b))
      if first != second { parents[max(first, second)] = Int32(min(first, second)) }
    }
    for y in 0..<height {
      for x in 0..<width {
        let cell = y * width + x
        if !cells[cell] { continue }
        if x > 0 && cells[cell - 1] { join(cell, cell - 1) }
        if y == 0 { continue }
        if cells[cell - width] { join(cell, cell - width) }
        if isDiagonal && x > 0 && cells[cell - width - 1] { join(cell, cell - width - 1) }
        if isDiagonal && x + 1 < width && cells[cell - width + 1] { join(cell, cell - width + 1) }
      }
    }
    labels = [Int32](repeating: -1, count: cells.count)
    for cell in cells.indices where cells[cell] {
      // The root of a region is its first cell, which has its number already.
      let first = root(cell)
      if first == cell {
        labels[cell] = Int32(sizes.count)
        sizes.append(0)
        touchesEdge.append(false)
      }
      let label = Int(labels[first])
      labels[cell] = Int32(label)
      sizes[label] += 1
      let (x, y) = (cell % width, cell / width)
      if x == 0 || y == 0 || x == width - 1 || y == height - 1 { touchesEdge[label] = true }
    }
  }
}
