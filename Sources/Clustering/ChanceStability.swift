public import Tensors

/// What stability is worth: how much of it the clusterer reaches on rows of the same size and covariance without groups.
///
/// The same clusterer groups sets drawn from one Gaussian of the rows' covariance, and its stability there is measured the
/// same way. What lies above is the chance-corrected figure (J − J₀) / (1 − J₀): 1 for groups always found again, about 0 for
/// those k-means would cut from any cloud of this shape.
public struct ChanceStability: Sendable, Equatable {
  /// Mean Jaccard similarity of a group on the sets without groups; 0 where the clusterer found none.
  public let jaccard: Double
  /// Mean adjusted Rand index there.
  public let ari: Double

  /// - Parameters: as of `Stability`; `sets` sets of rows without groups, `rounds` rounds on each.
  /// - Throws: what the clusterer throws, or `LinearAlgebraError`.
  /// - Complexity: sets · (rounds + 1) times the clusterer's.
  public init(
    of clusterer: some Clusterer, on points: Matrix, by resampling: Stability.Resampling = .subsample(0.5),
    sets: Int = 3, rounds: Int = 5, seed: Seed, workers: WorkerPool
  ) throws {
    precondition(sets >= 1 && rounds >= 1, "\(sets) sets of \(rounds) rounds")
    let rows = try StructurelessRows(like: points)
    var (jaccards, aris) = ([Double](), [Double]())
    for set in 0..<sets {
      let seed = seed.split("chance stability").split(set)
      let drawn = rows.draw(.gaussian, count: points.rows, seed: seed.split("rows"))
      let reference = try clusterer.partition(drawn, seed: seed.split("groups"), workers: workers)
      let stability = try Stability(
        of: clusterer, on: drawn, reference: reference, by: resampling, units: nil, rounds: rounds, seed: seed,
        workers: workers)
      jaccards += stability.jaccard
      aris.append(stability.meanARI)
    }
    jaccard = jaccards.isEmpty ? 0 : jaccards.reduce(0, +) / Double(jaccards.count)
    ari = aris.reduce(0, +) / Double(sets)
  }

  /// A group's similarity (or an index) corrected for chance; 1 where both are 1, negative below chance.
  public func corrected(jaccard found: Double) -> Double {
    found >= 1 ? 1 : (found - jaccard) / max(1 - jaccard, .ulpOfOne)
  }
}
