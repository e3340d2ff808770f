import Pipeline
import Testing

@Suite struct NearestNameTests {
  /// Edit distance by its definition, on all words of up to three letters over three.
  @Test func distanceAgreesWithItsDefinition() {
    func naive(_ a: [Character], _ b: [Character]) -> Int {
      if a.isEmpty || b.isEmpty { return a.count + b.count }
      var best = min(naive(a.dropLast(), b) + 1, naive(a, b.dropLast()) + 1)
      best = min(best, naive(a.dropLast(), b.dropLast()) + (a.last == b.last ? 0 : 1))
      if a.count > 1, b.count > 1, a.last == b[b.count - 2], a[a.count - 2] == b.last {
        best = min(best, naive(a.dropLast(2), b.dropLast(2)) + 1)
      }
      return best
    }
    var words: [String] = [""]
    for _ in 0..<3 { words = Array(Set(words + words.flatMap { [$0 + "a", $0 + "b", $0 + "c"] })) }
    for a in words {
      for b in words { #expect(NearestName.distance(a, b) == naive(Array(a), Array(b)), "\(a) \(b)") }
    }
  }

  @Test(arguments: [
    ("min_cluster_sise", "min_cluster_size"), ("n_cluster", "n_clusters"), ("Epochs", "epochs"), ("eopchs", "epochs"),
    ("colour", nil), ("x", nil),
  ]) func meansTheNearestWordOrNone(_ word: String, _ nearest: String?) {
    let names = ["n_clusters", "min_cluster_size", "min_samples", "epochs"]
    #expect(NearestName.of(word, among: names) == nearest)
  }
}
