public import Tensors

/// How strongly points belong to each other's surroundings: the graph that UMAP lays out, as umap-learn's `fuzzy_simplicial_set` has it.
///
/// Around each point distances are counted from its nearest neighbour (ρ) and scaled (σ) so that the memberships of its
/// neighbours sum to log₂ of their number, the point itself counted. The two memberships p, q of a pair are then joined into
/// mix · (p + q − pq) + (1 − mix) · pq (McInnes, Healy & Melville 2018, section 3.1).
public struct FuzzySimplicialSet: Sendable, Equatable {
  /// Symmetric, without loops.
  public let graph: UMAPGraph
  /// For each row the scale of its distances, and the distance that counts as none.
  public let sigmas, rhos: [Double]

  private static let rowsPerJob = 1024

  /// - Parameters:
  ///   - setOpMixRatio: umap-learn's `set_op_mix_ratio`, in 0...1.
  ///   - localConnectivity: umap-learn's `local_connectivity`.
  /// - Precondition: the neighbours are rows of the same points.
  /// - Complexity: O(edges · log(edges a row)). Equal bytes at any thread count.
  public init(
    _ neighbors: Neighbors, setOpMixRatio: Double = 1, localConnectivity: Double = 1, workers: WorkerPool
  ) {
    let (rows, count) = (neighbors.rows, neighbors.count)
    precondition(neighbors.indices.allSatisfy { Int($0) < rows }, "a neighbour that is no row")
    let scale = NeighborScale(neighbors, localConnectivity: localConnectivity, countsItself: true)
    var sigmas = [Double](repeating: 0, count: rows)
    var rhos = sigmas
    var ends = [Int32](repeating: 0, count: rows * count)
    var weights = [Float](repeating: 0, count: rows * count)
    sigmas.withUnsafeMutableBufferPointer { sigmas in
      rhos.withUnsafeMutableBufferPointer { rhos in
        ends.withUnsafeMutableBufferPointer { ends in
          weights.withUnsafeMutableBufferPointer { weights in
            nonisolated(unsafe) let (sigmas, rhos, ends, weights) = (sigmas, rhos, ends, weights)
            workers.run(jobs: (rows + Self.rowsPerJob - 1) / Self.rowsPerJob) { job, _ in
              for row in job * Self.rowsPerJob..<min((job + 1) * Self.rowsPerJob, rows) {
                (sigmas[row], rhos[row]) = scale.of(row)
                let own = row * count..<(row + 1) * count
                for edge in own {
                  let isItself = Int(neighbors.indices[edge]) == row
                  // Insertion by end: rows are short, and nearly every graph is walked by ends later.
                  let (end, weight) = (
                    neighbors.indices[edge],
                    isItself ? 0 : NeighborScale.membership(neighbors.distances[edge], sigmas[row], rhos[row])
                  )
                  var place = edge
                  while place > own.lowerBound && ends[place - 1] > end {
                    ends[place] = ends[place - 1]
                    weights[place] = weights[place - 1]
                    place -= 1
                  }
                  ends[place] = end
                  weights[place] = weight
                }
              }
            }
          }
        }
      }
    }
    self.sigmas = sigmas
    self.rhos = rhos
    graph = Self.joined(rows: rows, count: count, ends: ends, weights: weights, mix: Float(setOpMixRatio))
  }

  /// The graph of joined memberships, from the directed ones in rows of `count`.
  private static func joined(rows: Int, count: Int, ends: [Int32], weights: [Float], mix: Float) -> UMAPGraph {
    // The same edges by their ends; sources ascend along each row, since they are met in that order.
    var backStarts = [Int](repeating: 0, count: rows + 1)
    for end in ends { backStarts[Int(end) + 1] += 1 }
    for row in 0..<rows { backStarts[row + 1] += backStarts[row] }
    var sources = [Int32](repeating: 0, count: ends.count)
    var backWeights = [Float](repeating: 0, count: ends.count)
    var filled = backStarts
    for row in 0..<rows {
      for edge in row * count..<(row + 1) * count {
        let place = filled[Int(ends[edge])]
        filled[Int(ends[edge])] = place + 1
        sources[place] = Int32(row)
        backWeights[place] = weights[edge]
      }
    }
    var (starts, joinedEnds, joinedWeights) = ([0], [Int32](), [Float]())
    starts.reserveCapacity(rows + 1)
    joinedEnds.reserveCapacity(2 * ends.count)
    joinedWeights.reserveCapacity(2 * ends.count)
    for row in 0..<rows {
      var (i, j) = (row * count, backStarts[row])
      let (lastI, lastJ) = (i + count, backStarts[row + 1])
      while i < lastI || j < lastJ {
        let forth = i < lastI ? ends[i] : .max
        let back = j < lastJ ? sources[j] : .max
        let end = min(forth, back)
        var (p, q) = (Float(0), Float(0))
        if forth == end {
          p = weights[i]
          i += 1
        }
        if back == end {
          q = backWeights[j]
          j += 1
        }
        let weight = mix * (p + q - p * q) + (1 - mix) * (p * q)
        if weight > 0 {
          joinedEnds.append(end)
          joinedWeights.append(weight)
        }
      }
      starts.append(joinedEnds.count)
    }
    return UMAPGraph(starts: starts, ends: joinedEnds, weights: joinedWeights)
  }
}

/// The scale of the distances around each row: umap-learn's `smooth_knn_dist`, by bisection to 1e-5.
struct NeighborScale {
  private static let tolerance = 1e-5
  /// σ is at least this part of the mean distance.
  private static let leastScale = 1e-3

  private let neighbors: Neighbors
  private let localConnectivity: Double
  /// Whether the row itself, at distance 0, is meant to stand before its neighbours; else the nearest of them stands in its place.
  private let countsItself: Bool
  private let meanDistance: Double

  /// The mean over all rows scales rows whose neighbours are all at distance 0; give one if rows must not depend on each other.
  init(_ neighbors: Neighbors, localConnectivity: Double, countsItself: Bool, meanDistance: Double? = nil) {
    self.neighbors = neighbors
    self.localConnectivity = localConnectivity
    self.countsItself = countsItself
    let all = neighbors.rows * (neighbors.count + (countsItself ? 1 : 0))
    self.meanDistance = meanDistance ?? (all == 0 ? 0 : neighbors.distances.reduce(0, +) / Double(all))
  }

  static func membership(_ distance: Double, _ sigma: Double, _ rho: Double) -> Float {
    distance <= rho || sigma == 0 ? 1 : Float(exponential(-(distance - rho) / sigma))
  }

  func of(_ row: Int) -> (sigma: Double, rho: Double) {
    let count = neighbors.count
    let counted = count + (countsItself ? 1 : 0)
    if counted == 0 { return (1, 0) }
    return neighbors.distances.withUnsafeBufferPointer {
      let distances = UnsafeBufferPointer(rebasing: $0[row * count..<(row + 1) * count])
      let rho = nearest(distances)
      let target = logarithm(Double(counted)) / logarithm(2.0)
      var (low, high, sigma) = (0.0, Double.infinity, 1.0)
      for _ in 0..<64 {
        var sum = 0.0
        for place in (countsItself ? 0 : 1)..<count {
          let beyond = distances[place] - rho
          sum += beyond > 0 ? exponential(-beyond / sigma) : 1
        }
        if abs(sum - target) < Self.tolerance { break }
        if sum > target {
          high = sigma
          sigma = (low + high) / 2
        } else {
          low = sigma
          sigma = high == .infinity ? sigma * 2 : (low + high) / 2
        }
      }
      let mean = rho > 0 ? distances.reduce(0, +) / Double(counted) : meanDistance
      return (max(sigma, Self.leastScale * mean), rho)
    }
  }

  /// The distance to the `localConnectivity`-th neighbour that is not at distance 0, between two of them where it is no whole number.
  private func nearest(_ distances: UnsafeBufferPointer<Double>) -> Double {
    guard let first = distances.firstIndex(where: { $0 > 0 }) else { return 0 }
    if Double(distances.count - first) < localConnectivity { return distances[distances.count - 1] }
    let whole = Int(localConnectivity)
    let part = localConnectivity - Double(whole)
    if whole == 0 { return part * distances[first] }
    let below = distances[first + whole - 1]
    return part > Self.tolerance ? below + part * (distances[first + whole] - below) : below
  }
}
