/// The valid word that a misspelt one most likely means.
package enum NearestName {
  /// The nearest of `candidates` by edit distance, ties by their order; nil where none is near enough to be meant.
  package static func of(_ word: String, among candidates: [String]) -> String? {
    var best: (name: String, distance: Int)?
    for candidate in candidates {
      let distance = distance(word.lowercased(), candidate.lowercased())
      if distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    guard let best, best.distance <= max(2, max(word.count, best.name.count) / 3), best.distance < word.count else {
      return nil
    }
    return best.name
  }

  /// `did you mean "size"?`, else the whole choice.
  static func hint(_ word: String, among candidates: [String]) -> String {
    if let nearest = of(word, among: candidates) { return "; did you mean \"\(nearest)\"?" }
    if candidates.isEmpty { return "" }
    return "; there \(candidates.count == 1 ? "is" : "are") " + candidates.joined(separator: ", ")
  }

  /// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other (optimal string
  /// alignment, Damerau 1964). - Complexity: O(a.count · b.count).
  package static func distance(_ a: String, _ b: String) -> Int {
    let a = Array(a.unicodeScalars)
    let b = Array(b.unicodeScalars)
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
        row.append(cost)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
