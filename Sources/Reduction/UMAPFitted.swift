public import Tensors

extension UMAP {
  /// A layout, and what it takes to set new rows into it.
  public struct Fitted: Sendable, Equatable {
    /// Where the epochs of a layout started.
    public enum Start: String, Sendable {
      case spectral, pca, random, given
      /// The spectral start was asked for, but its eigenvectors did not converge: principal components, or at random without points.
      case pcaForSpectral, randomForSpectral
    }

    public let parameters: UMAP
    /// [n, nComponents].
    public let embedding: Matrix
    /// The curve of similarity in the layout.
    public let curve: UMAPCurve
    /// What the layout really started from.
    public let start: Start
    /// Connected parts of the graph: between them no edge pulls, so how they lie to one another is the start's doing.
    public let connectedParts: Int
    /// What new rows are compared to.
    public let points: Matrix?
    let seed: Seed

    private static let transformEpochs = 100

    init(
      parameters: UMAP, embedding: Matrix, curve: UMAPCurve, start: Start, connectedParts: Int, points: Matrix?,
      seed: Seed
    ) {
      self.parameters = parameters
      self.embedding = embedding
      self.curve = curve
      self.start = start
      self.connectedParts = connectedParts
      self.points = points
      self.seed = seed
    }

    /// Sets new rows into the layout, which stays as it is: [rows, nComponents].
    ///
    /// A row starts at the mean of its nearest neighbours' places, weighted by membership, and is moved for a third of
    /// `nEpochs`, or 100 epochs, at a quarter of the rate, as in umap-learn. Unlike there a row's place depends on nothing but its
    /// own numbers: not on what other rows come with it, nor on where it stands among them.
    /// - Throws: `Failure`, or what the medium throws. - Precondition: as many columns as the layout's points.
    /// - Complexity: O(rows · n · d).
    public func transform(_ rows: any RowSource, workers: WorkerPool) throws -> Matrix {
      guard let points else { throw Failure.pointsNeeded }
      if points.rows < 2 { throw Failure.tooFewRows(points.rows) }
      precondition(rows.columns == points.columns, "\(rows.columns) columns for a layout of \(points.columns)")
      if let row = try rows.firstRowThatIsNotFinite() { throw Failure.notFinite(row: row) }
      let rows = try rows.loaded()
      return transform(
        rows, neighbors: Neighbors(of: rows, among: points, count: parameters.nNeighbors, workers: workers),
        workers: workers)
    }

    /// As above, with each row's nearest rows of the layout's points given.
    public func transform(_ rows: Matrix, neighbors: Neighbors, workers: WorkerPool) -> Matrix {
      precondition(neighbors.rows == rows.rows, "neighbours of \(neighbors.rows) rows for \(rows.rows)")
      precondition(neighbors.indices.allSatisfy { Int($0) < embedding.rows }, "a neighbour that is no row")
      precondition(neighbors.count > 0 || rows.rows == 0, "rows without neighbours")
      let epochs = max(1, parameters.nEpochs.map { $0 / 3 } ?? Self.transformEpochs)
      var start = Matrix(rows: rows.rows, columns: embedding.columns)
      var edges = LayoutEpochs.Edges()
      let scale = NeighborScale(
        neighbors, localConnectivity: max(0, parameters.localConnectivity - 1), countsItself: false, meanDistance: 0)
      for row in 0..<rows.rows {
        let (sigma, rho) = scale.of(row)
        let weights = (0..<neighbors.count).map {
          NeighborScale.membership(neighbors.distance(row, $0), sigma, rho)
        }
        place(row, weights, neighbors, in: &start)
        let heaviest = weights.max() ?? 1
        for (place, weight) in weights.enumerated() where weight > 0 && weight >= heaviest / Float(epochs) {
          edges.ends.append(Int32(neighbors.index(row, place)))
          edges.periods.append(heaviest / weight)
        }
        edges.starts.append(Int64(edges.ends.count))
      }
      let layout = UMAPLayout(parameters, curve: curve, epochs: epochs, isTransform: true)
      return layout.run(
        edges, from: start, within: embedding, keys: keys(of: rows), seed: seed.split("transform"), workers: workers)
    }

    /// The weighted mean of the neighbours' places; a row that is one of the points starts at that point's place.
    private func place(_ row: Int, _ weights: [Float], _ neighbors: Neighbors, in start: inout Matrix) {
      let same = weights.indices.first { weights[$0] == 1 }
      let sum = weights.reduce(0.0) { $0 + Double($1) }
      for c in 0..<embedding.columns {
        if let same {
          start[row, c] = embedding[neighbors.index(row, same), c]
        } else {
          let total = weights.indices.reduce(0.0) {
            $0 + Double(weights[$1]) * Double(embedding[neighbors.index(row, $1), c])
          }
          start[row, c] = Float(sum > 0 ? total / sum : Double(embedding[neighbors.index(row, 0), c]))
        }
      }
    }

    /// A word of each row made of its numbers alone (FNV-1a over their bits).
    private func keys(of rows: Matrix) -> [UInt32] {
      rows.withUnsafeBufferPointer { buffer in
        (0..<rows.rows).map { row in
          var hash: UInt64 = 0xcbf2_9ce4_8422_2325
          for value in buffer[row * rows.columns..<(row + 1) * rows.columns] {
            // −0 equals 0.
            hash = (hash ^ UInt64((value == 0 ? 0 : value).bitPattern)) &* 0x0000_0100_0000_01b3
          }
          return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
        }
      }
    }
  }
}
