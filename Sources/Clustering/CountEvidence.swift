import Tensors

/// Everything the number of groups is judged by: fits for each k of all rows, of halves of them, and of rows without groups.
struct CountEvidence: Sendable {
  let candidates: [ClusterCount.Candidate]
  /// The k of the largest silhouette, gap to a box and gap to a Gaussian, on all rows.
  let votes: [Int]
  /// The same on every half.
  let votesOfHalves: [Int]
  /// The paper's choice of k by the gap to a box and to a Gaussian.
  let gapsSuffice: [Int]
  /// Median over the halves of the least level at which any k's groups stand apart.
  let pValue: Double
  /// The most groups, over k, that stand apart at `apartLevel`; median over the halves.
  let apart: Int

  /// What the measures name on all rows, one wider either way where the middle half of the answers of the halves goes beyond.
  var span: ClosedRange<Int> {
    let (low, high) = (votes.min()!, votes.max()!)
    let halves = votesOfHalves.sorted()
    if halves.isEmpty { return low...high }
    let (lower, upper) = (halves[halves.count / 4], halves[halves.count - 1 - halves.count / 4])
    return max(min(low, lower), low - Self.reach)...min(max(high, upper), high + Self.reach)
  }

  private static let splits = 3
  private static let reach = 1
  private static let references = 4
  private static let rowsOfReference = 1000
  private static let apartLevel = 0.01

  init(of rows: Matrix, upTo kMax: Int, units: [Int]?, seed: Seed, workers: WorkerPool) throws {
    let structureless = try StructurelessRows(like: rows)
    let halves = Self.halves(rows, units, seed.split("halves"))
    let kinds: [StructurelessRows.Kind] = [.uniformBox, .gaussian]
    let drawn = min(rows.rows, Self.rowsOfReference)
    // One job a set of rows, each on one thread: all rows, the halves, then the references.
    let sets = 1 + halves.count + kinds.count * Self.references
    let fits = try workers.map(jobs: sets) { job, _ in
      let seed = seed.split("fits").split(job)
      let points: Matrix
      if job == 0 {
        points = rows
      } else if job <= halves.count {
        points = halves[job - 1]
      } else {
        let kind = kinds[(job - 1 - halves.count) / Self.references]
        points = structureless.draw(kind, count: drawn, seed: seed.split("rows"))
      }
      return try CandidateFits(
        of: points, upTo: min(kMax, points.rows), seed: seed, workers: WorkerPool(threads: 1))
    }
    let all = fits[0]
    let references = kinds.indices.map { kind in
      (0..<Self.references).map { fits[1 + halves.count + kind * Self.references + $0].scatter }
    }
    let gaps = references.map { GapStatistic(scatter: all.scatter, references: $0) }
    let silhouettes = Self.silhouettes(rows, all, seed, workers)
    let judged = try workers.map(jobs: halves.count) { half, _ in
      HalfEvidence(
        own: halves[half], fits[1 + half], other: fits[1 + (half ^ 1)], references: references, level: Self.apartLevel)
    }
    let halfSilhouettes = halves.indices.map { Self.silhouettes(halves[$0], fits[1 + $0], seed, workers) }
    votes = [Self.largest(silhouettes)] + gaps.map(\.largest)
    gapsSuffice = gaps.map(\.firstSufficient)
    votesOfHalves = judged.indices.flatMap { [Self.largest(halfSilhouettes[$0])] + judged[$0].gapVotes }
    pValue = Self.median(judged.map(\.pValue))
    apart = Int(Self.median(judged.map { Double($0.apart.max() ?? 1) }))
    candidates = (0..<kMax).map { index in
      let validity = CentroidValidity(of: rows, all.fits[index].partition)
      let known = judged.filter { index < $0.apart.count }
      func mean(_ values: (HalfEvidence) -> Double) -> Double {
        known.isEmpty ? 0 : known.reduce(0) { $0 + values($1) } / Double(known.count)
      }
      return ClusterCount.Candidate(
        k: index + 1, silhouette: silhouettes[index], simplifiedSilhouette: validity.simplifiedSilhouette,
        calinskiHarabasz: validity.calinskiHarabasz, daviesBouldin: validity.daviesBouldin,
        gapToBox: gaps[0].gaps[index], gapToGaussian: gaps[1].gaps[index],
        predictionStrength: mean { $0.predictionStrength[index] }, stability: mean { $0.ari[index] },
        apart: known.isEmpty ? 1 : Int(Self.median(known.map { Double($0.apart[index]) })))
    }
  }

  /// Pairs of halves, one after the other.
  private static func halves(_ rows: Matrix, _ units: [Int]?, _ seed: Seed) -> [Matrix] {
    var resampling = RowResampling(rows: rows.rows, units: units)
    // Fewer than four units make no two halves worth comparing: rows then stand for themselves.
    if resampling.unitCount < 4 { resampling = RowResampling(rows: rows.rows, units: nil) }
    return (0..<splits).flatMap { split in
      var generator = seed.split(split).generator()
      let (drawn, left) = resampling.subsample(rows.rows / 2, &generator)
      return left.isEmpty ? [] : [rows.rows(at: drawn), rows.rows(at: left)]
    }
  }

  private static func silhouettes(
    _ rows: Matrix, _ fits: CandidateFits, _ seed: Seed, _ workers: WorkerPool
  ) -> [Double?] {
    Silhouette.means(of: rows, fits.fits.map(\.partition), seed: seed, workers: workers)
  }

  private static func largest(_ silhouettes: [Double?]) -> Int {
    var best = min(1, silhouettes.count - 1)
    for index in silhouettes.indices {
      if let value = silhouettes[index], value > silhouettes[best] ?? -2 { best = index }
    }
    return best + 1
  }

  /// The lower of the middle two for an even number; 1 of none.
  private static func median(_ values: [Double]) -> Double {
    values.isEmpty ? 1 : values.sorted()[(values.count - 1) / 2]
  }
}

/// What one half says of the groups found in the other.
private struct HalfEvidence: Sendable {
  /// By k, from 1.
  var predictionStrength = [1.0]
  var ari = [1.0]
  var apart = [1]
  var pValue = 1.0
  var gapVotes: [Int]

  init(own: Matrix, _ fits: CandidateFits, other: CandidateFits, references: [[[Double]]], level: Double) {
    gapVotes = references.map { GapStatistic(scatter: fits.scatter, references: $0).largest }
    for index in 1..<max(min(fits.fits.count, other.fits.count), 1) {
      let labels = fits.fits[index].partition.labels.map { $0! }
      let predicted = own.nearest(of: other.fits[index].centers)
      predictionStrength.append(PredictionStrength.value(own: labels, predicted: predicted))
      ari.append(ExternalValidity(ContingencyTable(labels.map { $0 }, predicted.map { $0 })).ari)
      let separation = SeparationTest(between: other.fits[index].centers, by: own)
      apart.append(separation.groups(apartAt: level))
      pValue = min(pValue, separation.leastLevel)
    }
  }
}
