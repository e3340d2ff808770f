import Tensors

/// k-means fits for k = 1, 2, …, kMax, each the better of a fresh start and of the fit before with one more centre.
///
/// The grown start draws a row with probability proportional to its squared distance to its centre, so the scatter hardly
/// ever rises with k, as it may between unrelated local optima.
struct CandidateFits: Sendable {
  /// Of k = 1, 2, ….
  let fits: [KMeans.Fitted]
  /// Sum of squared distances to the centres over the number of rows.
  let scatter: [Double]

  /// - Throws: `ClusteringError`, where there are fewer rows than `kMax` or a number is not finite.
  init(of points: Matrix, upTo kMax: Int, starts: Int = 1, seed: Seed, workers: WorkerPool) throws {
    var fits: [KMeans.Fitted] = []
    for k in 1...kMax {
      let clusterer = KMeans(nClusters: k, nInit: k == 1 ? 1 : starts, maxIterations: 100)
      var best = try clusterer.fit(points, seed: seed.split(k), workers: workers)
      if let previous = fits.last, previous.centers.rows == k - 1,
        let row = Self.farRow(points, previous, seed.split("grown").split(k))
      {
        let start = Matrix(
          rows: k, columns: points.columns, storage: previous.centers.storage + points.row(row))
        let grown = try clusterer.fit(points, from: start, workers: workers)
        if grown.inertia < best.inertia { best = grown }
      }
      fits.append(best)
    }
    self.fits = fits
    scatter = fits.map { $0.inertia / Double(points.rows) }
  }

  /// A row drawn by its squared distance to its centre; nil where all are 0.
  private static func farRow(_ points: Matrix, _ fitted: KMeans.Fitted, _ seed: Seed) -> Int? {
    let d = points.columns
    if d == 0 { return nil }
    var sums: [Double] = []
    var sum = 0.0
    points.withUnsafeBufferPointer { x in
      fitted.centers.withUnsafeBufferPointer { centers in
        for (row, label) in fitted.partition.labels.enumerated() {
          sum += Distances.squared(
            x.baseAddress! + row * d, centers.baseAddress! + label! * d, count: d)
          sums.append(sum)
        }
      }
    }
    var generator = seed.generator()
    let target = generator.uniform() * sum
    return sum > 0 ? sums.firstIndex { $0 > target } : nil
  }
}

extension Matrix {
  /// The nearest of `centers` to each row, the lowest of equals. - Complexity: O(rows · centers · columns).
  func nearest(of centers: Matrix) -> [Int] {
    if columns == 0 { return [Int](repeating: 0, count: rows) }
    return withUnsafeBufferPointer { x in
      centers.withUnsafeBufferPointer { c in
        (0..<rows).map { row in
          var (best, least) = (0, Double.infinity)
          for center in 0..<centers.rows {
            let distance = Distances.squared(
              x.baseAddress! + row * columns, c.baseAddress! + center * columns, count: columns)
            if distance < least { (best, least) = (center, distance) }
          }
          return best
        }
      }
    }
  }
}
