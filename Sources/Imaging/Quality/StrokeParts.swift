/// The connected parts of what is brighter than a threshold: diagonal neighbours are connected.
enum StrokeParts {
  struct Part {
    var left, right, top, bottom: Int
    var area = 0
    /// Unbroken stretches of all its rows.
    var runs = 0
  }

  /// In the order of their uppermost, leftmost run. Union-find over the runs of rows. - Complexity: O(pixels · α).
  static func find(_ values: [Float], width: Int, height: Int, above threshold: Float) -> [Part] {
    var runs: [(row: Int, from: Int, to: Int)] = []
    var parents: [Int] = []
    func root(_ run: Int) -> Int {
      var run = run
      while parents[run] != run {
        parents[run] = parents[parents[run]]
        run = parents[run]
      }
      return run
    }
    var above = 0..<0
    values.withUnsafeBufferPointer { values in
      for y in 0..<height {
        let line = values.baseAddress! + y * width
        let first = runs.count
        var candidate = above.lowerBound
        var x = 0
        while x < width {
          if line[x] <= threshold {
            x += 1
            continue
          }
          let from = x
          while x < width && line[x] > threshold { x += 1 }
          let number = runs.count
          runs.append((y, from, x - 1))
          parents.append(number)
          while candidate < above.upperBound && runs[candidate].to < from - 1 { candidate += 1 }
          var touching = candidate
          while touching < above.upperBound && runs[touching].from <= x {
            let (a, b) = (root(touching), root(number))
            parents[max(a, b)] = min(a, b)
            touching += 1
          }
        }
        above = first..<runs.count
      }
    }
    var parts: [Part] = []
    var numbers = [Int](repeating: -1, count: runs.count)
    for (index, run) in runs.enumerated() {
      let root = root(index)
      if numbers[root] < 0 {
        numbers[root] = parts.count
        parts.append(Part(left: run.from, right: run.to, top: run.row, bottom: run.row))
      }
      let number = numbers[root]
      parts[number].left = min(parts[number].left, run.from)
      parts[number].right = max(parts[number].right, run.to)
      parts[number].bottom = run.row
      parts[number].area += run.to - run.from + 1
      parts[number].runs += 1
    }
    return parts
  }
}
