import Tensors

/// A start by eigenvectors of the graph's Laplacian, part by part.
///
/// Eigenvectors can't say how parts that no edge joins lie to one another. Up to twice as many parts as axes stand at the ends of the
/// axes, as in umap-learn. More stand where the principal components of their mean points order them: the rank of a part along
/// each axis is its place, so that no two coincide (at random without points). Each part fills half the way to its nearest neighbour.
struct UMAPSpectralStart {
  /// [rows, columns], or nil where the eigenvectors of a part did not converge.
  let positions: Matrix?

  /// Parts up to this size are solved side by side, each on one thread; larger ones one after another, by all threads.
  private static let smallPart = 16_384

  init(
    _ graph: UMAPGraph, parts: [[Int]], points: Matrix?, columns: Int, products: Int, seed: Seed, workers: WorkerPool
  ) throws {
    var positions = Matrix(rows: graph.rows, columns: columns)
    let centers = try Self.centers(parts, points: points, columns: columns, seed: seed, workers: workers)
    let radii = Self.radii(centers, columns: columns, workers: workers)
    var places = [Int32](repeating: 0, count: graph.rows)
    let graphs = parts.map { parts.count == 1 ? graph : graph.part($0, places: &places) }
    @Sendable func solved(_ part: Int, _ workers: WorkerPool) -> [Float]? {
      let rows = parts[part].count
      // Too few vertices for as many smooth vectors: anywhere around the middle.
      if rows <= max(2 * columns - 1, columns + 1) {
        var generator = seed.split("part").split(part).generator()
        return (0..<rows * columns).map { _ in Float(generator.uniform(-1...1)) }
      }
      var laplacian = GraphEigenvectors(graphs[part], count: columns, seed: seed.split("part").split(part))
      return laplacian.smoothest(products: products, workers: workers)
    }
    let small = try workers.map(jobs: parts.count) { part, _ in
      parts[part].count <= Self.smallPart ? solved(part, WorkerPool(threads: 1)) : nil
    }
    for (part, rows) in parts.enumerated() {
      guard let shape = rows.count <= Self.smallPart ? small[part] : solved(part, workers) else {
        self.positions = nil
        return
      }
      let largest = shape.reduce(0) { max($0, abs($1)) }
      let factor = largest > 0 ? radii[part] / Double(largest) : 0
      for (place, row) in rows.enumerated() {
        for c in 0..<columns {
          positions[row, c] = Float(centers[part * columns + c] + factor * Double(shape[place * columns + c]))
        }
      }
    }
    self.positions = positions
  }

  /// The middle of each part: parts × columns.
  private static func centers(
    _ parts: [[Int]], points: Matrix?, columns: Int, seed: Seed, workers: WorkerPool
  ) throws -> [Double] {
    let count = parts.count
    var centers = [Double](repeating: 0, count: count * columns)
    if count == 1 { return centers }
    if count <= 2 * columns {
      let half = (count + 1) / 2
      for part in 0..<count { centers[part * columns + part % half] = part < half ? 1 : -1 }
      return centers
    }
    guard let points else {
      var generator = seed.split("centers").generator()
      return centers.map { _ in generator.uniform(-1...1) }
    }
    var means = Matrix(rows: count, columns: points.columns)
    points.withUnsafeBufferPointer { points in
      means.withUnsafeMutableBufferPointer { means in
        let width = count == 0 ? 0 : means.count / count
        for (part, rows) in parts.enumerated() {
          for c in 0..<width {
            let sum = rows.reduce(0.0) { $0 + Double(points[$1 * width + c]) }
            means[part * width + c] = Float(sum / Double(rows.count))
          }
        }
      }
    }
    let ordered = try UMAPStart.principal(means, columns: columns, workers: workers)
    for c in 0..<columns {
      let ranked = (0..<count).sorted { ordered[$0, c] != ordered[$1, c] ? ordered[$0, c] < ordered[$1, c] : $0 < $1 }
      for (rank, part) in ranked.enumerated() {
        centers[part * columns + c] = 2 * Double(rank) / Double(count - 1) - 1
      }
    }
    return centers
  }

  /// Half the distance from each middle to the nearest other; 1 for one alone.
  private static func radii(_ centers: [Double], columns: Int, workers: WorkerPool) -> [Double] {
    let count = centers.count / columns
    if count == 1 { return [1] }
    let middles = Matrix(rows: count, columns: columns, storage: centers.map { Float($0) })
    let nearest = Neighbors(of: middles, count: 1, workers: workers)
    return (0..<count).map { nearest.distance($0, 0) / 2 }
  }
}
