public import Tensors

extension PCA.Fitted {
  /// Coordinates of a block of rows along the components, and how far the rows lie from them.
  public struct Projected {
    /// Which rows of the source these are.
    public let rows: Range<Int>
    /// `rows.count × count` numbers, row-major.
    public let coordinates: UnsafeBufferPointer<Float>
    /// Squared distance of each row to its image under projection and back; empty unless asked for.
    public let errors: UnsafeBufferPointer<Double>
  }

  /// Coordinates of `rows` along the components: [n, count].
  ///
  /// After an exact fit (`solver`) they are computed in 64 bits and rounded once. After a fast one, 32-bit products give the components
  /// that hold 2⁻²⁴ of the variance or more, whose coordinates are then off by some 2e-7 of the row's distance to the mean, and by no
  /// more than (columns + 4) · 2⁻²⁴ of it; the others are as after an exact one. Equal bytes at any thread count, and, by 32-bit
  /// products, whichever rows are with a row.
  /// - Throws: `PCA.Failure.notFinite` with the lowest such row, or what the medium throws.
  /// - Precondition: `rows.columns == columns`. - Complexity: O(n · d · count).
  public func transform(_ rows: any RowSource, workers: WorkerPool) throws -> Matrix {
    let storage = try [Float](unsafeUninitializedCapacity: rows.rows * count) { target, written in
      written = rows.rows * count
      guard let start = target.baseAddress else { return }
      nonisolated(unsafe) let base = start
      let projector = Projector(self, measuresErrors: false)
      let blocks = Projector.blocks(of: rows)
      try workers.runThrowing(jobs: blocks.count) { job, _ in
        try projector.project(rows, blocks[job], into: base + blocks[job].lowerBound * count, errors: nil)
      }
    }
    return Matrix(rows: rows.rows, columns: count, storage: storage)
  }

  /// As `transform`, for rows whose coordinates need not fit in memory either: `body` gets them block by block, in order, on the calling
  /// thread. Each row is read once, errors included.
  ///
  /// Memory, besides what the source lends: for each thread 8 blocks of 384 · (4 · count + 8) bytes and 384 · 8 · columns (384 · 40 ·
  /// columns where figures are 64 bits).
  /// - Throws, precondition: as `transform`, and what `body` throws. A row that is not finite throws before `body` sees it or a later one
  ///   of its round.
  public func project(
    _ rows: any RowSource, workers: WorkerPool, measuringErrors: Bool = false, _ body: (Projected) throws -> Void
  ) throws {
    let projector = Projector(self, measuresErrors: measuringErrors)
    let blocks = Projector.blocks(of: rows)
    let atOnce = min(8 * workers.threads, max(blocks.count, 1))
    let size = Projector.blockRows
    var coordinates = [Float](repeating: 0, count: atOnce * size * count)
    var errors = [Double](repeating: 0, count: measuringErrors ? atOnce * size : 0)
    for first in stride(from: 0, to: blocks.count, by: atOnce) {
      let round = blocks[first..<min(first + atOnce, blocks.count)]
      try coordinates.withUnsafeMutableBufferPointer { coordinates in
        try errors.withUnsafeMutableBufferPointer { errors in
          guard let start = coordinates.baseAddress else { return }
          nonisolated(unsafe) let base = start
          nonisolated(unsafe) let errorBase = errors.baseAddress
          try workers.runThrowing(jobs: round.count) { job, _ in
            try projector.project(
              rows, blocks[first + job], into: base + job * size * count,
              errors: measuringErrors ? errorBase.map { $0 + job * size } : nil)
          }
          for (job, range) in round.enumerated() {
            let place = job * size
            try body(
              Projected(
                rows: range,
                coordinates: UnsafeBufferPointer(start: base + place * count, count: range.count * count),
                errors: UnsafeBufferPointer(
                  rebasing: UnsafeBufferPointer(errors)[measuringErrors ? place..<place + range.count : 0..<0])))
          }
        }
      }
    }
  }

  /// For each row the squared distance to its image under projection and back: what the components do not tell about it.
  ///
  /// After an exact fit in 64 bits. After a fast one each is off by 1e-4 of itself at most: 32-bit figures stand where they are good
  /// enough, and a row that lies so near the components that they aren't is done again in 64 bits.
  /// - Throws, precondition: as `transform`.
  public func reconstructionErrors(of rows: any RowSource, workers: WorkerPool) throws -> [Double] {
    var all: [Double] = []
    all.reserveCapacity(rows.rows)
    try project(rows, workers: workers, measuringErrors: true) { all.append(contentsOf: $0.errors) }
    return all
  }

  /// What a coordinate is multiplied by. A direction whose variance is only rounding has no scale to be whitened by.
  var coordinateScales: [Double] {
    if whiten == 0 { return [Double](repeating: 1, count: count) }
    let floor = (explainedVariance.first ?? 0) * Double(columns) * .ulpOfOne
    return explainedVariance.map { $0 > floor ? 1 / power($0.squareRoot(), whiten) : 0 }
  }
}
