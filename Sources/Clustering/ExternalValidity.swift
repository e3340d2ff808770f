import Foundation

/// How well groups agree with labels known from elsewhere. Definitions and corner cases are scikit-learn's; noise counts as
/// one group (and an unknown class as one class).
public struct ExternalValidity: Sendable, Equatable {
  /// Adjusted Rand index (Hubert & Arabie 1985): 1 for equal partitions, 0 on average for independent ones.
  public let ari: Double
  /// Adjusted mutual information (Vinh, Epps & Bailey 2010), arithmetic mean.
  public let ami: Double
  /// Normalised mutual information, arithmetic mean: also the V-measure.
  public let nmi: Double
  /// Share of rows that are right when every group is given the class that makes the sum largest, no class twice.
  public let accuracy: Double
  /// Share of rows that are in the commonest class of their group.
  public let purity: Double
  /// 1 when each group holds one class only.
  public let homogeneity: Double
  /// 1 when each class lies in one group only.
  public let completeness: Double
  /// The group given to each class for `accuracy`, by place in the table; nil where there were too few groups.
  public let groupOfClass: [Int?]

  /// - Complexity: O(classes · groups · n) at worst, for the expected mutual information.
  public init<Class, Group>(_ table: ContingencyTable<Class, Group>) {
    let counts = table.counts
    let (a, b) = (table.classSizes, table.groupSizes)
    let n = a.reduce(0, +)
    groupOfClass = Assignment.best(counts)
    var matched = 0
    for (i, group) in groupOfClass.enumerated() { if let group { matched += counts[i][group] } }
    accuracy = n > 0 ? Double(matched) / Double(n) : 1
    let commonest = b.indices.reduce(0) { sum, group in sum + (counts.map { $0[group] }.max() ?? 0) }
    purity = n > 0 ? Double(commonest) / Double(n) : 1
    ari = Self.adjustedRand(counts, a, b, n)
    let information = Self.mutualInformation(counts, a, b, n)
    let (ha, hb) = (Self.entropy(a, n), Self.entropy(b, n))
    homogeneity = ha == 0 ? 1 : information / ha
    completeness = hb == 0 ? 1 : information / hb
    if a.count <= 1 && b.count <= 1 {
      // Neither splits the rows: equal partitions.
      (nmi, ami) = (1, 1)
    } else if a.count == 1 || b.count == 1 {
      (nmi, ami) = (0, 0)
    } else {
      let mean = (ha + hb) / 2
      nmi = mean > 0 && information > .ulpOfOne ? information / mean : 0
      let expected = Self.expectedInformation(a, b, n)
      ami = Self.awayFromZero(information - expected) / Self.awayFromZero(mean - expected)
    }
  }

  /// Agreement of `groups` with `truth`, row by row.
  public init<Class: Hashable & Comparable & Sendable>(truth: [Class?], groups: [Int?]) {
    self.init(ContingencyTable(truth, groups))
  }

  /// A difference that rounding may have brought to zero, with its sign: all rows in groups of one is 0/0, and agrees.
  private static func awayFromZero(_ x: Double) -> Double { x < 0 ? min(x, -.ulpOfOne) : max(x, .ulpOfOne) }

  private static func adjustedRand(_ counts: [[Int]], _ a: [Int], _ b: [Int], _ n: Int) -> Double {
    func pairs(_ x: Int) -> Double { Double(x) * Double(x - 1) / 2 }
    let both = counts.joined().reduce(0) { $0 + pairs($1) }
    let (inA, inB) = (a.reduce(0) { $0 + pairs($1) }, b.reduce(0) { $0 + pairs($1) })
    // No pair is together in one and apart in the other: equal partitions, whatever the formula's 0/0 would say.
    if both == inA && both == inB { return 1 }
    let expected = inA * inB / pairs(n)
    return (both - expected) / ((inA + inB) / 2 - expected)
  }

  private static func entropy(_ sizes: [Int], _ n: Int) -> Double {
    if sizes.count <= 1 { return 0 }
    return -sizes.reduce(0) { sum, size in
      let share = Double(size) / Double(n)
      return size > 0 ? sum + share * log(share) : sum
    }
  }

  private static func mutualInformation(_ counts: [[Int]], _ a: [Int], _ b: [Int], _ n: Int) -> Double {
    var sum = 0.0
    for i in a.indices {
      for j in b.indices where counts[i][j] > 0 {
        let share = Double(counts[i][j]) / Double(n)
        sum += share * (log(share) - log(Double(a[i]) / Double(n)) - log(Double(b[j]) / Double(n)))
      }
    }
    return max(sum, 0)
  }

  /// Mean mutual information of two labellings with these sizes, under all permutations.
  private static func expectedInformation(_ a: [Int], _ b: [Int], _ n: Int) -> Double {
    if a.count <= 1 || b.count <= 1 { return 0 }
    var logFactorial = [0.0]
    logFactorial.reserveCapacity(n + 1)
    var correction = 0.0
    for i in 1...max(n, 1) {
      // Kahan's sum: a million logarithms lose nothing that shows.
      let term = log(Double(i)) - correction
      let sum = logFactorial[i - 1] + term
      correction = (sum - logFactorial[i - 1]) - term
      logFactorial.append(sum)
    }
    var expected = 0.0
    for x in a {
      for y in b {
        let fixed =
          logFactorial[x] + logFactorial[y] + logFactorial[n - x] + logFactorial[n - y] - logFactorial[n]
        var k = max(1, x + y - n)
        while k <= min(x, y) {
          let probability = exp(
            fixed - logFactorial[k] - logFactorial[x - k] - logFactorial[y - k] - logFactorial[n - x - y + k])
          let share = Double(k) / Double(n)
          expected += share * log(Double(n) * Double(k) / (Double(x) * Double(y))) * probability
          k += 1
        }
      }
    }
    return expected
  }
}
