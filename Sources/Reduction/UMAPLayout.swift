import Tensors

/// The layout of a graph by sampled forces: how UMAP's parameters become those of `LayoutEpochs`.
///
/// An edge of weight w is sampled every w_max / w epochs. umap-learn moves both ends of every sampled edge and holds each edge twice,
/// so a vertex, which here moves itself only, is drawn along each of its edges with twice the force.
struct UMAPLayout {
  private let epochs: LayoutEpochs

  init(_ umap: UMAP, curve: UMAPCurve, epochs: Int, isTransform: Bool = false) {
    self.epochs = LayoutEpochs(
      forces: .init(
        a: curve.a, b: curve.b, attraction: isTransform ? 1 : 2, repulsion: umap.repulsionStrength,
        negatives: umap.negativeSampleRate, rate: isTransform ? umap.learningRate / 4 : umap.learningRate),
      epochs: epochs)
  }

  func run(_ graph: UMAPGraph, from start: Matrix, seed: Seed, workers: WorkerPool) -> Matrix {
    let heaviest = graph.weights.max() ?? 1
    var edges = LayoutEpochs.Edges()
    edges.starts = graph.starts.map { Int64($0) }
    edges.ends = graph.ends
    edges.periods = graph.weights.map { heaviest / $0 }
    let words = seed.split("vertices")
    let keys = (0..<graph.rows).map { UInt32(truncatingIfNeeded: words.split($0).rawValue) }
    return epochs.run(from: start, edges: edges, keys: keys, seed: seed.split("epochs"), workers: workers)
  }

  /// Moves new vertices in a layout that stays as it is.
  func run(
    _ edges: LayoutEpochs.Edges, from start: Matrix, within fixed: Matrix, keys: [UInt32], seed: Seed,
    workers: WorkerPool
  ) -> Matrix {
    epochs.run(from: start, edges: edges, fixed: fixed, keys: keys, seed: seed.split("epochs"), workers: workers)
  }
}
