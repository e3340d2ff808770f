import Tensors

/// Where the vertices of a layout stand before its first epoch.
///
/// Every start but a given one is scaled as umap-learn scales it: ten units to the largest coordinate, a noise of 1e-4 so that equal
/// points can part, then each axis to 0...10.
struct UMAPStart {
  let positions: Matrix
  let kind: UMAP.Fitted.Start
  let parts: Int

  private static let noise = 1e-4
  private static let extent = 10.0

  init(_ umap: UMAP, graph: UMAPGraph, points: Matrix?, seed: Seed, workers: WorkerPool) throws {
    let (rows, columns) = (graph.rows, umap.nComponents)
    let connected = graph.connectedParts()
    parts = connected.count
    func random() -> Matrix {
      var generator = seed.split("random").generator()
      return Matrix(
        rows: rows, columns: columns,
        storage: (0..<rows * columns).map { _ in Float(generator.uniform(-Self.extent...Self.extent)) })
    }
    switch umap.initialization {
    case .given(let start):
      if let row = try start.firstRowThatIsNotFinite() { throw UMAP.Failure.notFinite(row: row) }
      (positions, kind) = (start, .given)
    case .random: (positions, kind) = (Self.spread(random()), .random)
    case .pca:
      guard let points else { throw UMAP.Failure.pointsNeeded }
      let start = try Self.principal(points, columns: columns, workers: workers)
      (positions, kind) = (Self.spread(Self.scaled(start, seed: seed)), .pca)
    case .spectral:
      let spectral = try UMAPSpectralStart(
        graph, parts: connected, points: points, columns: columns, products: umap.spectralProducts, seed: seed,
        workers: workers
      ).positions
      if let spectral {
        (positions, kind) = (Self.spread(Self.scaled(spectral, seed: seed)), .spectral)
      } else if let points {
        let start = try Self.principal(points, columns: columns, workers: workers)
        (positions, kind) = (Self.spread(Self.scaled(start, seed: seed)), .pcaForSpectral)
      } else {
        (positions, kind) = (Self.spread(random()), .randomForSpectral)
      }
    }
  }

  /// The first principal components; columns that do not exist are 0.
  static func principal(_ points: Matrix, columns: Int, workers: WorkerPool) throws -> Matrix {
    var start = Matrix(rows: points.rows, columns: columns)
    if points.rows < 2 || points.columns == 0 { return start }
    let fitted = try PCA(nComponents: .atMost(columns)).fit(points, workers: workers)
    let found = try fitted.transform(points, workers: workers)
    for row in 0..<found.rows { for c in 0..<found.columns { start[row, c] = found[row, c] } }
    return start
  }

  private static func scaled(_ start: Matrix, seed: Seed) -> Matrix {
    let largest = start.storage.reduce(0) { max($0, abs($1)) }
    let factor = largest > 0 ? extent / Double(largest) : 1
    var generator = seed.split("noise").generator()
    return Matrix(
      rows: start.rows, columns: start.columns,
      storage: start.storage.map { Float(Double($0) * factor + noise * generator.normal()) })
  }

  /// Each axis from 0 to `extent`; one without extent to 0.
  private static func spread(_ start: Matrix) -> Matrix {
    let columns = start.columns
    var storage = start.storage
    for c in 0..<columns {
      var (low, high) = (Float.infinity, -Float.infinity)
      for row in 0..<start.rows {
        low = min(low, storage[row * columns + c])
        high = max(high, storage[row * columns + c])
      }
      let factor = high > low ? Float(extent) / (high - low) : 0
      for row in 0..<start.rows { storage[row * columns + c] = (storage[row * columns + c] - low) * factor }
    }
    return Matrix(rows: start.rows, columns: columns, storage: storage)
  }
}
