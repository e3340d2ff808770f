public import Tensors

/// Whether the rows thin out between neighbouring groups, told by rows that had no part in finding the groups.
///
/// Two centres are neighbours when no third lies in the ball over the segment between them (Gabriel & Sokal 1969). Of the rows
/// no farther from their line than the groups' own rows usually are (the larger of the two medians), those in a third of
/// the segment are counted round each centre and at 1/3, 1/2 and 2/3 of the way. A hump that is one (any density whose
/// logarithm is concave: a Gaussian, a ball, a box, however cut into groups) holds at least as many between as round the
/// poorer end, so `pValue` is the binomial chance of so few between, times three. It's not to be used with the rows the
/// centres were found on: in many dimensions k-means draws its line just where a few rows happen to be missing.
public struct SeparationTest: Sendable, Equatable {
  /// Two neighbouring groups.
  public struct Pair: Sendable, Equatable {
    /// Indices of the centres, `first < second`.
    public let first: Int
    public let second: Int
    /// Rows round the centre that has fewer, and the fewest rows in a place between.
    public let rowsAtEnds: Int
    public let rowsBetween: Int
    /// Chance of so few between, were the two one hump; 1 where nothing can be said.
    public let pValue: Double
  }

  public let groupCount: Int
  /// In ascending order of `first`, `second`.
  public let pairs: [Pair]

  /// - Parameters:
  ///   - centers: means of groups found on other rows.
  ///   - rows: rows to tell by, all finite.
  /// - Complexity: O(k³ · d + pairs · n · d), about 3 k pairs in the plane and at most k² / 2.
  public init(between centers: Matrix, by rows: Matrix) {
    precondition(centers.columns == rows.columns, "centres of \(centers.columns) columns, rows of \(rows.columns)")
    groupCount = centers.rows
    let labels = rows.nearest(of: centers)
    pairs = Self.neighbours(centers).map { Self.pair($0.0, $0.1, centers, rows, labels) }
  }

  /// The number of groups that stand apart when neighbours whose `pValue` is above `level` are joined.
  public func groups(apartAt level: Double) -> Int {
    var sets = DisjointSets(count: groupCount)
    var groups = groupCount
    for pair in pairs where pair.pValue > level {
      if sets.join(pair.first, pair.second) { groups -= 1 }
    }
    return groups
  }

  /// The least level at which anything stands apart; 1 where nothing does.
  public var leastLevel: Double {
    pairs.map(\.pValue).sorted().first { groups(apartAt: $0) > 1 } ?? 1
  }

  /// For each group the largest p-value towards a neighbour: small where it stands apart from all of them.
  public var pValueOfGroup: [Double] {
    var values = [Double](repeating: groupCount > 1 ? 0 : 1, count: groupCount)
    for pair in pairs {
      values[pair.first] = max(values[pair.first], pair.pValue)
      values[pair.second] = max(values[pair.second], pair.pValue)
    }
    return values
  }

  private static func neighbours(_ centers: Matrix) -> [(Int, Int)] {
    let (k, d) = (centers.rows, centers.columns)
    var squares = [Double](repeating: 0, count: k * k)
    centers.withUnsafeBufferPointer { c in
      guard let c = c.baseAddress else { return }
      for i in 0..<k {
        for j in 0..<k { squares[i * k + j] = Distances.squared(c + i * d, c + j * d, count: d) }
      }
    }
    var pairs: [(Int, Int)] = []
    for i in 0..<k {
      for j in i + 1..<max(k, i + 1) {
        let between = (0..<k).contains { other in
          other != i && other != j && squares[i * k + other] + squares[j * k + other] < squares[i * k + j]
        }
        if !between { pairs.append((i, j)) }
      }
    }
    return pairs
  }

  private static func pair(_ i: Int, _ j: Int, _ centers: Matrix, _ rows: Matrix, _ labels: [Int]) -> Pair {
    let (n, d) = (rows.rows, rows.columns)
    let origin = centers.row(i).map { Double($0) }
    let direction = zip(centers.row(j), origin).map { Double($0) - $1 }
    let square = direction.reduce(0) { $0 + $1 * $1 }
    let unknown = Pair(first: i, second: j, rowsAtEnds: 0, rowsBetween: 0, pValue: 1)
    if square == 0 { return unknown }
    var (along, across) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    var members: (first: [Double], second: [Double]) = ([], [])
    rows.withUnsafeBufferPointer { x in
      for row in 0..<n {
        var (product, norm) = (0.0, 0.0)
        for c in 0..<d {
          let difference = Double(x[row * d + c]) - origin[c]
          product += difference * direction[c]
          norm += difference * difference
        }
        along[row] = product / square
        across[row] = max(norm - product * product / square, 0)
        if labels[row] == i { members.first.append(across[row]) }
        if labels[row] == j { members.second.append(across[row]) }
      }
    }
    if members.first.isEmpty || members.second.isEmpty { return unknown }
    let width = max(median(members.first), median(members.second))
    let near = (0..<n).filter { across[$0] <= width }.map { along[$0] }
    func count(about place: Double) -> Int { near.count { $0 >= place - 1.0 / 6 && $0 < place + 1.0 / 6 } }
    let ends = min(count(about: 0), count(about: 1))
    let between = min(count(about: 1.0 / 3), count(about: 0.5), count(about: 2.0 / 3))
    return Pair(
      first: i, second: j, rowsAtEnds: ends, rowsBetween: between,
      pValue: ends + between == 0 ? 1 : min(1, 3 * Self.chance(ofAtMost: between, of: between + ends)))
  }

  /// The lower of the middle two for an even number.
  private static func median(_ values: [Double]) -> Double { values.sorted()[(values.count - 1) / 2] }

  /// Chance that a fair coin tossed `tosses` times falls heads at most `heads` times.
  static func chance(ofAtMost heads: Int, of tosses: Int) -> Double {
    // The term of 0 heads underflows from a thousand throws on, so terms are logarithms.
    var (logTerm, sum) = (-Double(tosses) * logarithm(2.0), 0.0)
    for i in 0...heads {
      sum += exponential(logTerm)
      logTerm += logarithm(Double(tosses - i)) - logarithm(Double(i + 1))
    }
    return min(sum, 1)
  }
}
