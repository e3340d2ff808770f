public import Tensors

/// Uniform manifold approximation and projection (McInnes, Healy & Melville 2018): a layout of few dimensions in which neighbours
/// among the points stay neighbours.
///
///     let map = try UMAP().fit(points, seed: seed, workers: pool)
///     map.embedding                                             // [n, 2]
///     let later = try map.transform(others, workers: pool)      // into the same layout
///
/// The graph is umap-learn's (`FuzzySimplicialSet`). The layout samples edges as umap-learn does, but an epoch moves all vertices
/// at once from where they stood before it, by Adam, instead of one edge after another: so threads do not race. Equal
/// points, in equal order, with an equal seed give equal bytes at any thread count. In another order of rows the layout is another,
/// as with another seed: strangers are drawn by row. Distances between far groups of a layout, and their sizes, mean little.
public struct UMAP: Sendable, Equatable {
  /// What the layout starts from.
  public enum Initialization: Sendable, Equatable {
    /// The smoothest eigenvectors of the graph's normalised Laplacian; parts of the graph that are not connected are set apart.
    case spectral
    /// The first principal components.
    case pca
    /// Uniform in a square.
    case random
    /// These positions, [n, nComponents], used as they are.
    case given(Matrix)
  }

  /// `n_neighbors`: how many nearest points, itself among them, a point's surroundings are; lowered to all there are.
  public var nNeighbors: Int
  /// `n_components`: dimensions of the layout, at most 64.
  public var nComponents: Int
  /// `min_dist`: how near points may lie in the layout, in its units.
  public var minDist: Double
  /// `spread`: the distance at which similarity in the layout has faded to 1/e beyond `minDist`.
  public var spread: Double
  /// `set_op_mix_ratio`: 1 unites the surroundings of two points, 0 intersects them.
  public var setOpMixRatio: Double
  /// `local_connectivity`: how many neighbours count as connected whatever their distance.
  public var localConnectivity: Double
  /// `negative_sample_rate`: strangers a sampled edge.
  public var negativeSampleRate: Int
  /// `repulsion_strength`: the weight of strangers.
  public var repulsionStrength: Double
  /// `learning_rate`: about the largest step of the first epoch, in the layout's units; it falls to 0.
  public var learningRate: Double
  /// `n_epochs`; nil for 500 up to 10,000 rows and 200 beyond.
  public var nEpochs: Int?
  /// `init`.
  public var initialization: Initialization
  /// Products with the graph that the eigenvectors of a connected part may take before the start is given up for principal components.
  public var spectralProducts: Int

  /// - Precondition: `nNeighbors >= 2`; `nComponents` in 1...64; `0 <= minDist <= spread`, `spread > 0`; `setOpMixRatio` in 0...1;
  ///   the others not negative, `nEpochs` above 0.
  public init(
    nNeighbors: Int = 15, nComponents: Int = 2, minDist: Double = 0.1, spread: Double = 1, setOpMixRatio: Double = 1,
    localConnectivity: Double = 1, negativeSampleRate: Int = 5, repulsionStrength: Double = 1,
    learningRate: Double = 1, nEpochs: Int? = nil, initialization: Initialization = .spectral,
    spectralProducts: Int = 2000
  ) {
    precondition(nNeighbors >= 2, "\(nNeighbors) neighbours")
    precondition((1...LayoutEpochs.mostDimensions).contains(nComponents), "\(nComponents) components")
    precondition(
      spread > 0 && minDist >= 0 && minDist <= spread, "a least distance of \(minDist), a spread of \(spread)")
    precondition((0...1).contains(setOpMixRatio), "a mix of \(setOpMixRatio)")
    precondition(localConnectivity >= 0 && repulsionStrength >= 0 && learningRate >= 0)
    precondition(negativeSampleRate >= 0 && nEpochs ?? 1 >= 1 && spectralProducts >= 0)
    self.nNeighbors = nNeighbors
    self.nComponents = nComponents
    self.minDist = minDist
    self.spread = spread
    self.setOpMixRatio = setOpMixRatio
    self.localConnectivity = localConnectivity
    self.negativeSampleRate = negativeSampleRate
    self.repulsionStrength = repulsionStrength
    self.learningRate = learningRate
    self.nEpochs = nEpochs
    self.initialization = initialization
    self.spectralProducts = spectralProducts
  }

  /// What UMAP refuses.
  public enum Failure: Error, Equatable, CustomStringConvertible {
    /// The row holds a number that is not finite.
    case notFinite(row: Int)
    /// The layout starts from principal components, or new rows are to be set into it, and only a graph was given.
    case pointsNeeded
    /// New rows can't be set into a layout of fewer than two.
    case tooFewRows(Int)

    public var description: String {
      switch self {
      case .notFinite(let row): "row \(row) holds a number that is not finite"
      case .pointsNeeded: "UMAP was given a graph of neighbours without the points, which this needs"
      case .tooFewRows(let rows): "new rows need a layout of two rows at least, there are \(rows)"
      }
    }
  }

  /// Lays out `points`, whose nearest neighbours are found exactly.
  /// - Throws: `Failure`, or what the medium of `points` throws.
  /// - Complexity: O(n² · d) for the neighbours, O(n · nNeighbors · epochs · negativeSampleRate) for the layout.
  public func fit(_ points: any RowSource, seed: Seed, workers: WorkerPool) throws -> Fitted {
    if let row = try points.firstRowThatIsNotFinite() { throw Failure.notFinite(row: row) }
    let points = try points.loaded()
    return try fit(
      neighbors: Neighbors(of: points, count: nNeighbors - 1, workers: workers), points: points, seed: seed,
      workers: workers)
  }

  /// Lays out a graph of neighbours, exact or approximate, of any metric. All its neighbours are used: `nNeighbors` counts for nothing.
  ///
  /// - Parameter points: what the neighbours are those of. They place parts of the graph that are not connected, start a
  ///   layout from principal components, and are what new rows are compared to; nil where there are none.
  /// - Throws: `Failure`.
  public func fit(neighbors: Neighbors, points: Matrix?, seed: Seed, workers: WorkerPool) throws -> Fitted {
    let n = neighbors.rows
    precondition(points.map { $0.rows == n } ?? true, "\(points?.rows ?? 0) points of \(n) rows")
    if let row = try points?.firstRowThatIsNotFinite() { throw Failure.notFinite(row: row) }
    if case .given(let start) = initialization {
      precondition(start.rows == n && start.columns == nComponents, "a start of \(start.rows) × \(start.columns)")
    }
    let curve = UMAPCurve(minDist: minDist, spread: spread)
    let epochs = nEpochs ?? (n <= 10_000 ? 500 : 200)
    let graph = FuzzySimplicialSet(
      neighbors, setOpMixRatio: setOpMixRatio, localConnectivity: localConnectivity, workers: workers
    ).graph.withoutEdges(sampledLessThanOnceIn: epochs)
    let start = try UMAPStart(self, graph: graph, points: points, seed: seed.split("start"), workers: workers)
    let layout = UMAPLayout(self, curve: curve, epochs: epochs)
    let embedding = layout.run(graph, from: start.positions, seed: seed.split("layout"), workers: workers)
    return Fitted(
      parameters: self, embedding: embedding, curve: curve, start: start.kind, connectedParts: start.parts,
      points: points, seed: seed)
  }
}
