/// Centres that near rows share, so that near rows come to lie side by side: k-means on a sample, in the leading axes only.
///
/// Where the centres lie decides how long a search takes, never what it finds. Deterministic: one seed, ties by index.
struct NeighborGroups {
  private static let rounds = 3
  static let fewestRows = 128
  /// Small groups lie farther apart for their size; but pairs of groups take room, so that there are some thousands at most.
  private static func rowsPerGroup(_ rows: Int) -> Int {
    max(fewestRows, Int((Double(rows).squareRoot() * 0.4).rounded()))
  }
  private static let sampledPerGroup = 16
  /// Leading axes looked at.
  private static let axes = 48

  let count: Int
  private let axes: Int
  /// `count × axes` numbers.
  private var centres: [Float]

  /// Groups of the rows given, which have `columns` numbers. - Complexity: O(groups² · 16 · 48).
  init(_ rows: NeighborFrame.Rows, columns: Int, workers: WorkerPool) {
    let axes = min(columns, Self.axes)
    count = max(1, rows.count / Self.rowsPerGroup(rows.count))
    self.axes = axes
    let sampled = min(rows.count, Self.sampledPerGroup * count)
    var sample = [Float](repeating: 0, count: sampled * axes)
    for i in 0..<sampled {
      let from = i * rows.count / max(sampled, 1) * columns
      for a in 0..<axes { sample[i * axes + a] = rows.numbers[from + a] }
    }
    centres = Self.seeds(sample, sampled, axes, count)
    let drawn = NeighborFrame.Rows(count: sampled, numbers: sample, shifts: [])
    for _ in 0..<(count > 1 ? Self.rounds : 0) {
      let nearest = group(drawn, columns: axes, workers: workers)
      var sums = [Double](repeating: 0, count: count * axes)
      var sizes = [Int](repeating: 0, count: count)
      for (i, group) in nearest.enumerated() {
        sizes[Int(group)] += 1
        for a in 0..<axes { sums[Int(group) * axes + a] += Double(sample[i * axes + a]) }
      }
      for group in 0..<count where sizes[group] > 0 {
        for a in 0..<axes { centres[group * axes + a] = Float(sums[group * axes + a] / Double(sizes[group])) }
      }
    }
  }

  /// The group of each row: that of the nearest centre, or nearly so.
  func group(_ rows: NeighborFrame.Rows, columns: Int, workers: WorkerPool) -> [Int32] {
    var groups = [Int32](repeating: 0, count: rows.count)
    if count == 1 { return groups }
    let halves = (0..<count).map { g in
      (0..<axes).reduce(Float(0)) { $0 + centres[g * axes + $1] * centres[g * axes + $1] } / 2
    }
    let chunk = 256
    groups.withUnsafeMutableBufferPointer { groups in
      nonisolated(unsafe) let groups = groups.baseAddress!
      workers.run(jobs: (rows.count + chunk - 1) / chunk) { job, _ in
        let range = job * chunk..<min((job + 1) * chunk, rows.count)
        var products = [Float](repeating: 0, count: range.count * count)
        rows.numbers.withUnsafeBufferPointer { x in
          BLAS.multiply(
            x.baseAddress! + range.lowerBound * columns, centres, transposeB: true, into: &products, m: range.count,
            n: count, k: axes, strideA: columns)
        }
        products.withUnsafeBufferPointer { products in
          halves.withUnsafeBufferPointer { halves in
            for i in 0..<range.count {
              var (best, least) = (0, Float.infinity)
              for g in 0..<count {
                let value = halves[g] - products[i &* count &+ g]
                if value < least { (best, least) = (g, value) }
              }
              groups[range.lowerBound + i] = Int32(best)
            }
          }
        }
      }
    }
    return groups
  }

  /// k-means++ (Arthur, Vassilvitskii 2007): each centre drawn with the square of its distance to those before as weight.
  private static func seeds(_ sample: [Float], _ sampled: Int, _ axes: Int, _ count: Int) -> [Float] {
    var centres = [Float](repeating: 0, count: count * axes)
    var generator = Seed(0x6e65_6172).split("groups of near rows").generator()
    var squares = [Double](repeating: .infinity, count: sampled)
    var chosen = sampled / 2
    sample.withUnsafeBufferPointer { x in
      for group in 0..<count where sampled > 0 {
        for a in 0..<axes { centres[group * axes + a] = x[chosen * axes + a] }
        if group + 1 == count { break }
        var total = 0.0
        for i in 0..<sampled {
          squares[i] = min(
            squares[i], Distances.squared(x.baseAddress! + i * axes, x.baseAddress! + chosen * axes, count: axes))
          total += squares[i]
        }
        var left = generator.uniform() * total
        chosen = sampled - 1
        for i in 0..<sampled {
          left -= squares[i]
          if left < 0 {
            chosen = i
            break
          }
        }
      }
    }
    return centres
  }
}
