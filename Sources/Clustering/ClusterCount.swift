public import Tensors

/// How many groups k-means should be asked for, which numbers are plausible beside it, and whether there are groups at all.
///
///     let count = try ClusterCount(of: points, seed: seed, workers: pool)
///     if count.verdict == .structure { KMeans(nClusters: count.estimate) … }
///
/// Whether: rows are halved at random (patient by patient where `units` are given), k-means groups one half for each k, and the
/// other half tells whether rows thin out between neighbouring centres (`SeparationTest`). How many: the silhouette and the
/// gap statistic against a uniform box and against one Gaussian each name a k on all rows and on every half; the interval
/// spans what they name on all rows, and one more either way where the middle half of the halves' answers goes beyond.
/// Thresholds were set on simulated Gaussian groups
/// and clouds, and checked on groups and clouds of other laws (`Documentation/Numerics.md`).
public struct ClusterCount: Sendable, Equatable {
  public enum Verdict: String, Sendable, CaseIterable {
    /// Rows thin out between groups, by more than chance.
    case structure
    /// One group says as much as several: nothing thins out, and the measures agree on no number.
    case noStructure
    /// Too little to tell by, or the measures agree on a number of groups that overlap too much to be seen apart.
    case cannotTell
  }

  /// What a reader should know beside the numbers.
  public enum Remark: Sendable, Hashable {
    /// Fewer rows than `ClusterCount.fewRows`: nothing but gross structure could show.
    case fewRows(Int)
    /// So few distinct rows that there can't be more groups.
    case fewDistinctRows(Int)
    /// Columns that hold one value only and tell nothing.
    case constantColumns(Int)
    /// Computed on a sample of so many rows.
    case sampled(Int)
    /// Groups within groups: `coarse` stand out most, and `fine` still stand apart.
    case nested(coarse: Int, fine: Int)
    /// The interval reaches the largest k tried.
    case atLargestCandidate(Int)
  }

  /// What each measure says of one k.
  public struct Candidate: Sendable, Equatable {
    public let k: Int
    /// Mean over the rows; nil for one group.
    public let silhouette: Double?
    public let simplifiedSilhouette: Double?
    public let calinskiHarabasz: Double?
    public let daviesBouldin: Double?
    /// Gap to a uniform box, and to one Gaussian.
    public let gapToBox: Double
    public let gapToGaussian: Double
    /// Mean over the halves; 1 for one group.
    public let predictionStrength: Double
    /// Adjusted Rand index of a half's own groups with those of the other half's centres, mean over the halves; 1 for one group.
    public let stability: Double
    /// Groups that stand apart at the level 0.01, median over the halves.
    public let apart: Int
  }

  public let verdict: Verdict
  /// The middle one of what the measures name, no less than `apart`; 1 unless there is, or may be, structure.
  public let estimate: Int
  /// Plausible numbers of groups, at 95 %. From 1 unless the verdict is `structure`.
  public let plausible: ClosedRange<Int>
  /// Of one hump: the median over the halves of the least p-value over k. By simulation it is seldom below 0.2 without groups.
  public let pValue: Double
  /// How many groups stand apart beyond doubt, at least; 1 without structure.
  public let apart: Int
  /// k = 1, 2, …; empty where there was nothing to try.
  public let candidates: [Candidate]
  public let remarks: [Remark]

  /// Rows from which on "no structure" is said.
  public static let fewRows = 50

  /// - Parameters:
  ///   - points: all finite.
  ///   - kMax: the largest k tried; by default 20, or a tenth of the rows if that is fewer.
  ///   - units: what each row belongs to (a patient), so that halves share none.
  ///   - rowLimit: more rows than this are sampled.
  /// - Throws: `ClusteringError`, or what the medium of `points` throws.
  /// - Complexity: as about 30 fits of `kMax` groups to `rowLimit` rows, and `rowLimit`² · columns. Equal at any thread count.
  public init(
    of points: any RowSource, upTo kMax: Int? = nil, units: [Int]? = nil, rowLimit: Int = 3000, seed: Seed,
    workers: WorkerPool
  ) throws {
    let all = try points.checkedForClustering()
    precondition(units == nil || units!.count == all.rows, "\(units!.count) units for \(all.rows) rows")
    precondition(kMax == nil || kMax! >= 1, "at most \(kMax!) groups")
    let seed = seed.split("cluster count")
    var (rows, units, remarks) = (all, units, [Remark]())
    if all.rows > rowLimit {
      var generator = seed.split("sample").generator()
      let drawn = RowResampling(rows: all.rows, units: nil).subsample(rowLimit, &generator).drawn
      rows = all.rows(at: drawn)
      units = units.map { units in drawn.map { units[$0] } }
      remarks.append(.sampled(rows.rows))
    }
    if rows.rows < Self.fewRows { remarks.append(.fewRows(rows.rows)) }
    let constant = rows.constantColumns
    if constant > 0 { remarks.append(.constantColumns(constant)) }
    let limit = kMax ?? min(20, max(2, rows.rows / 10))
    let distinct = rows.distinctRows(upTo: limit + 1)
    if distinct <= limit { remarks.append(.fewDistinctRows(distinct)) }
    let largest = min(limit, distinct)
    if largest < 2 || rows.rows < 8 {
      let sure = distinct == 1 && rows.rows >= Self.fewRows
      self.init(verdict: sure ? .noStructure : .cannotTell, remarks: remarks, upper: sure ? 1 : max(largest, 1))
      return
    }
    let evidence = try CountEvidence(of: rows, upTo: largest, units: units, seed: seed, workers: workers)
    self.init(evidence, rows: rows.rows, remarks: remarks)
  }

  private init(verdict: Verdict, remarks: [Remark], upper: Int) {
    self.init(
      verdict: verdict, estimate: 1, plausible: 1...upper, pValue: 1, apart: 1, candidates: [], remarks: remarks)
  }

  private init(
    verdict: Verdict, estimate: Int, plausible: ClosedRange<Int>, pValue: Double, apart: Int, candidates: [Candidate],
    remarks: [Remark]
  ) {
    (self.verdict, self.estimate, self.plausible) = (verdict, estimate, plausible)
    (self.pValue, self.apart, self.candidates, self.remarks) = (pValue, apart, candidates, remarks)
  }

  private init(_ evidence: CountEvidence, rows: Int, remarks: [Remark]) {
    var remarks = remarks
    let votes = evidence.votes
    let apart = evidence.apart
    let span = evidence.span
    let upper = max(span.upperBound, apart)
    // A gap that still grows at the largest k has found no number; it keeps the interval open.
    let found = votes.filter { $0 < evidence.candidates.count }
    let named = (found.isEmpty ? votes : found).sorted()
    let middle = named[named.count / 2]
    if evidence.pValue <= Self.level {
      let lower = max(span.lowerBound, 2)
      if votes[0] < apart { remarks.append(.nested(coarse: votes[0], fine: apart)) }
      if upper == evidence.candidates.count { remarks.append(.atLargestCandidate(upper)) }
      self.init(
        verdict: .structure, estimate: max(middle, apart, 2), plausible: min(lower, upper)...max(upper, 2),
        pValue: evidence.pValue, apart: max(apart, 2), candidates: evidence.candidates, remarks: remarks)
      return
    }
    let agreed = evidence.gapsSuffice.allSatisfy { $0 == votes[0] } && votes.allSatisfy { $0 == votes[0] }
    let doubtful = agreed || rows < Self.fewRows
    let suggested = evidence.gapsSuffice.contains { $0 > 1 }
    self.init(
      verdict: doubtful ? .cannotTell : .noStructure, estimate: agreed ? middle : 1,
      plausible: 1...(doubtful || suggested ? upper : 1), pValue: evidence.pValue, apart: 1,
      candidates: evidence.candidates, remarks: remarks)
  }

  private static let level = 0.02
}

extension Matrix {
  /// Columns whose numbers are all equal.
  fileprivate var constantColumns: Int {
    (0..<columns).count { column in (0..<rows).allSatisfy { self[$0, column] == self[0, column] } }
  }

  /// The number of distinct rows, counted no further than `limit`.
  fileprivate func distinctRows(upTo limit: Int) -> Int {
    var known = Set<[Float]>()
    for row in 0..<rows where known.count < limit { known.insert(self.row(row)) }
    return known.count
  }
}
