/// A weighted graph of points in compressed rows: the edges of row i are `starts[i]..<starts[i + 1]`, by ascending `ends`.
public struct UMAPGraph: Sendable, Equatable {
  public let starts: [Int]
  public let ends: [Int32]
  /// Above 0, at most 1.
  public let weights: [Float]

  public var rows: Int { starts.count - 1 }

  package init(starts: [Int], ends: [Int32], weights: [Float]) {
    self.starts = starts
    self.ends = ends
    self.weights = weights
  }

  /// What is left when edges too light to be sampled once in so many epochs are dropped, as umap-learn does before it starts.
  func withoutEdges(sampledLessThanOnceIn epochs: Int) -> UMAPGraph {
    let least = (weights.max() ?? 0) / Float(epochs)
    var (starts, ends, weights) = ([0], [Int32](), [Float]())
    starts.reserveCapacity(self.starts.count)
    ends.reserveCapacity(self.ends.count)
    weights.reserveCapacity(self.ends.count)
    for row in 0..<rows {
      for edge in self.starts[row]..<self.starts[row + 1] where self.weights[edge] >= least {
        ends.append(self.ends[edge])
        weights.append(self.weights[edge])
      }
      starts.append(ends.count)
    }
    return UMAPGraph(starts: starts, ends: ends, weights: weights)
  }

  /// The rows of each connected part, ascending; parts by their first row. The graph is symmetric. - Complexity: O(edges).
  func connectedParts() -> [[Int]] {
    var parts: [[Int]] = []
    var seen = [Bool](repeating: false, count: rows)
    for first in 0..<rows where !seen[first] {
      var part = [first]
      seen[first] = true
      var next = 0
      while next < part.count {
        for edge in starts[part[next]]..<starts[part[next] + 1] where !seen[Int(ends[edge])] {
          seen[Int(ends[edge])] = true
          part.append(Int(ends[edge]))
        }
        next += 1
      }
      parts.append(part.sorted())
    }
    return parts
  }

  /// The graph among `rows`, ascending, which are a connected part of it, renumbered by their places.
  func part(_ rows: [Int], places: inout [Int32]) -> UMAPGraph {
    for (place, row) in rows.enumerated() { places[row] = Int32(place) }
    var (starts, ends, weights) = ([0], [Int32](), [Float]())
    for row in rows {
      for edge in self.starts[row]..<self.starts[row + 1] {
        ends.append(places[Int(self.ends[edge])])
        weights.append(self.weights[edge])
      }
      starts.append(ends.count)
    }
    return UMAPGraph(starts: starts, ends: ends, weights: weights)
  }
}
