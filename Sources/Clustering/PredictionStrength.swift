/// How well one half of the rows foretells which rows of the other belong together (Tibshirani & Walther 2005).
public enum PredictionStrength {
  /// The least, over the groups of `own`, of the share of pairs of its rows that `predicted` puts together too; a group of one
  /// row counts 0. Usually k is called supported where this is at least 0.8.
  /// - Parameters: `own` the labels of the rows' own fit, `predicted` their labels by another fit, both 0….
  /// - Precondition: equally many labels, at least one. - Complexity: O(n + groups²).
  public static func value(own: [Int], predicted: [Int]) -> Double {
    precondition(own.count == predicted.count && !own.isEmpty, "\(own.count) labels against \(predicted.count)")
    let table = ContingencyTable(own.map { $0 }, predicted.map { $0 })
    var least = 1.0
    for (counts, size) in zip(table.counts, table.classSizes) {
      let together = counts.reduce(0) { $0 + $1 * ($1 - 1) }
      least = min(least, size > 1 ? Double(together) / Double(size * (size - 1)) : 0)
    }
    return least
  }
}
