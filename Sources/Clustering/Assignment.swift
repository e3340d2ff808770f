/// The assignment problem: pair rows with columns, each at most once, for the largest total (Kuhn 1955, Munkres 1957).
public enum Assignment {
  /// The column of each row, nil where there are more rows than columns. Of equal totals, the pairing found is fixed by the
  /// order of rows and columns.
  /// - Parameter scores: one array a row, of equal length; rectangular is fine.
  /// - Complexity: O(min² · max) by shortest augmenting paths (Jonker & Volgenant 1987).
  public static func best(_ scores: [[Int]]) -> [Int?] {
    let (rows, columns) = (scores.count, scores.first?.count ?? 0)
    precondition(scores.allSatisfy { $0.count == columns }, "rows of unequal length")
    if rows == 0 || columns == 0 { return [Int?](repeating: nil, count: rows) }
    if rows > columns {
      // Fewer columns: let columns choose.
      let turned = (0..<columns).map { column in scores.map { $0[column] } }
      var chosen = [Int?](repeating: nil, count: rows)
      for (column, row) in leastCost(turned.map { $0.map { -$0 } }).enumerated() { chosen[row] = column }
      return chosen
    }
    return leastCost(scores.map { $0.map { -$0 } }).map { $0 }
  }

  /// Every row's column, at least cost; no more rows than columns. Rows and columns count from 1 inside, 0 is "none".
  private static func leastCost(_ cost: [[Int]]) -> [Int] {
    let (n, m) = (cost.count, cost[0].count)
    var rowPrice = [Int](repeating: 0, count: n + 1)
    var columnPrice = [Int](repeating: 0, count: m + 1)
    var rowOf = [Int](repeating: 0, count: m + 1)
    for row in 1...n {
      var previous = [Int](repeating: 0, count: m + 1)
      var slack = [Int](repeating: .max, count: m + 1)
      var visited = [Bool](repeating: false, count: m + 1)
      rowOf[0] = row
      var column = 0
      repeat {
        visited[column] = true
        let current = rowOf[column]
        var (delta, next) = (Int.max, 0)
        for j in 1...m where !visited[j] {
          let reduced = cost[current - 1][j - 1] - rowPrice[current] - columnPrice[j]
          if reduced < slack[j] { (slack[j], previous[j]) = (reduced, column) }
          if slack[j] < delta { (delta, next) = (slack[j], j) }
        }
        for j in 0...m {
          if visited[j] {
            rowPrice[rowOf[j]] += delta
            columnPrice[j] -= delta
          } else if slack[j] < .max {
            slack[j] -= delta
          }
        }
        column = next
      } while rowOf[column] != 0
      while column != 0 {
        rowOf[column] = rowOf[previous[column]]
        column = previous[column]
      }
    }
    var columns = [Int](repeating: 0, count: n)
    for j in 1...m where rowOf[j] > 0 { columns[rowOf[j] - 1] = j - 1 }
    return columns
  }
}
