import Kernels
public import Tensors

/// How well vectors stay in their place when their images are varied: cropped, mirrored, their grey levels moved as training does. No label is asked.
///
/// Good features put an image beside its likes, and do so again of the same image seen otherwise. The five nearest neighbours of every image are
/// looked up among the images as they are, and again among as many crops of them, four times. Rows are compared by their angle around the
/// mean of the plain ones.
public struct ViewConsistency: Sendable {
  /// Of each image, the share of its nearest neighbours that are still its nearest when all are varied, 0…1.
  public let kept: [Double]
  /// Of each image, the share of its variations to which it is itself the nearest of all plain images, 0…1: view retrieval.
  public let retrieved: [Double]
  /// Of each image its nearest neighbours among the images as they are.
  public let nearest: [Set<Int>]

  /// The mean of `kept`, over images.
  public var keptShare: MeanEstimate { MeanEstimate(kept) }
  public var retrievedShare: MeanEstimate { MeanEstimate(retrieved) }

  /// Images worth looking at, at most, evenly spread; fewer than `fewest` tell nothing.
  public static let sample = 600
  public static let fewest = 20
  public static let variations = 4
  static let neighbors = 5

  public init(kept: [Double], retrieved: [Double], nearest: [Set<Int>]) {
    precondition(
      kept.count == retrieved.count && kept.count == nearest.count,
      "\(kept.count), \(retrieved.count) and \(nearest.count) images")
    self.kept = kept
    self.retrieved = retrieved
    self.nearest = nearest
  }

  /// The share of nearest neighbours that are also nearest neighbours by other vectors of the same images, 0…1.
  public func neighborsShared(with other: ViewConsistency) -> Double {
    let shares = zip(nearest, other.nearest).map { mine, theirs in
      mine.isEmpty ? 0 : Double(mine.intersection(theirs).count) / Double(mine.count)
    }
    return MeanEstimate(shares).mean
  }

  /// The rows of an archive of so many images that are looked at.
  public static func rows(of count: Int) -> [Int] {
    let wanted = min(count, sample)
    return (0..<wanted).map { $0 * count / wanted }
  }

  /// Counts variation after variation, so that only one of them is in memory at a time.
  public struct Comparison: Sendable {
    private let mean: [Float]
    private let plain: Matrix
    private let known: [Set<Int>]
    private let workers: WorkerPool
    private var kept: [Double]
    private var retrieved: [Double]
    private var variations = 0

    /// - Parameter plain: a vector an image, as it is.
    /// - Complexity: O(images² · width), as for each variation. The same bytes at any number of threads.
    public init(_ plain: Matrix, workers: WorkerPool) {
      mean = Comparison.mean(plain)
      self.plain = Comparison.angles(of: plain, around: mean)
      self.workers = workers
      known = Comparison.nearest(self.plain, workers)
      kept = [Double](repeating: 0, count: plain.rows)
      retrieved = kept
    }

    /// - Parameter varied: a vector an image, each varied, in the order of the plain ones.
    public mutating func add(_ varied: Matrix) {
      precondition(varied.rows == plain.rows, "\(varied.rows) vectors of \(plain.rows) images")
      let varied = Comparison.angles(of: varied, around: mean)
      let own = Neighbors(of: varied, among: plain, count: 1, workers: workers)
      for (image, found) in Comparison.nearest(varied, workers).enumerated() {
        kept[image] += found.isEmpty ? 0 : Double(known[image].intersection(found).count) / Double(found.count)
        if own.index(image, 0) == image { retrieved[image] += 1 }
      }
      variations += 1
    }

    /// Over the variations so far. - Precondition: at least one.
    public var result: ViewConsistency {
      precondition(variations > 0, "nothing was varied")
      let scale = 1 / Double(variations)
      return ViewConsistency(kept: kept.map { $0 * scale }, retrieved: retrieved.map { $0 * scale }, nearest: known)
    }

    private static func nearest(_ rows: Matrix, _ workers: WorkerPool) -> [Set<Int>] {
      let found = Neighbors(of: rows, count: neighbors, workers: workers)
      return (0..<rows.rows).map { row in Set((0..<found.count).map { found.index(row, $0) }) }
    }

    /// Mean of the rows at length one.
    private static func mean(_ rows: Matrix) -> [Float] {
      var sums = [Double](repeating: 0, count: rows.columns)
      for row in 0..<rows.rows {
        let values = rows.row(row)
        let length = max(values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot(), 1e-12)
        for column in values.indices { sums[column] += Double(values[column]) / length }
      }
      return sums.map { Float($0 / Double(max(rows.rows, 1))) }
    }

    /// Rows are brought to length one, the mean is taken off, and they are brought to length one again.
    private static func angles(of rows: Matrix, around mean: [Float]) -> Matrix {
      var rows = rows
      let columns = rows.columns
      rows.changeRows { values in
        _ = dino_unit(values, columns, values)
        axpby(values, mean, columns, -1, 1)
        _ = dino_unit(values, columns, values)
      }
      return rows
    }
  }
}
