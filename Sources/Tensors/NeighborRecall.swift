/// How many of the true nearest neighbours a search found, measured on a sample of its rows against the exact answer.
public struct NeighborRecall: Sendable, Hashable {
  /// Rows that were compared.
  public let rows: Int
  /// The share of their neighbours found, 0…1; one at the same distance as the last counts too.
  public let mean: Double
  /// Holds the share over all rows in 95 % of cases: Wilson's interval (1927), for as many independent trials as the rows are worth.
  ///
  /// Neighbours of one row are found or missed together, so a row counts for as many trials as the spread of the rows' shares says
  /// (p(1 − p) over their variance), at most `count`, and for one where all rows agree.
  public let interval: ClosedRange<Double>

  /// - Parameters: the share found for each row compared, and the neighbours asked for. Of no rows: 0…1.
  public init(shares: [Double], count: Int) {
    rows = shares.count
    if shares.isEmpty || count == 0 {
      mean = 1
      interval = 0...1
      return
    }
    let n = Double(shares.count)
    let p = shares.reduce(0, +) / n
    let variance = shares.reduce(0) { $0 + ($1 - p) * ($1 - p) } / max(n - 1, 1)
    let worth = variance > 0 ? min(Double(count), max(p * (1 - p) / variance, 1 / n)) : 1
    let (trials, z) = (n * worth, 1.959964)
    let centre = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    let half = z / (1 + z * z / trials) * (p * (1 - p) / trials + z * z / (4 * trials * trials)).squareRoot()
    mean = p
    interval = max(0, min(centre - half, p))...min(1, max(centre + half, p))
  }

  /// Compares what was found for the rows `asked` with the exact answer.
  /// - Parameter found: the distances found for row `asked[i]`, ascending.
  init(_ exact: Neighbors, skippingFirst: Bool, count: Int, found: (Int) -> ArraySlice<Double>) {
    let shares = (0..<exact.rows).map { i in
      let last = exact.distance(i, count - (skippingFirst ? 0 : 1))
      return Double(found(i).prefix { $0 <= last }.count) / Double(count)
    }
    self.init(shares: shares, count: count)
  }
}
