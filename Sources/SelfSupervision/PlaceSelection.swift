public import VisionModels

/// Chooses a layer and a pooling without labels, by `ViewConsistency`.
///
/// Among places within one standard error of the best the deepest layer is taken, because what training put in lies there, and of its poolings the
/// best. The layout is another matter: it is taken where it keeps more neighbours than the best other place, the interval of the paired
/// difference (95 %) above zero. How far all this agrees with labels on real sets is in `Documentation/Training.md`.
public struct PlaceSelection: Sendable {
  public struct Candidate: Hashable, Sendable {
    public let place: FeaturePlace
    /// Mean share of an image's neighbours that stay its neighbours, 0…1, and its standard error over images.
    public let kept: Double
    public let error: Double
  }

  public let candidates: [Candidate]
  public let chosen: Candidate

  /// - Precondition: there are candidates, measured on the same images.
  public init(_ measured: [PlaceConsistency]) {
    precondition(!measured.isEmpty, "no place to choose from")
    candidates = measured.map { Candidate(place: $0.place, kept: $0.views.keptShare, error: $0.views.keptError) }
    chosen = candidates[PlaceSelection.choice(measured, candidates)]
  }

  private static func choice(_ measured: [PlaceConsistency], _ candidates: [Candidate]) -> Int {
    func depth(_ index: Int) -> Int { candidates[index].place.layer ?? .max }
    func best(of indices: [Int]) -> Int? { indices.max { candidates[$0].kept < candidates[$1].kept } }
    let layouts = candidates.indices.filter { candidates[$0].place.pool == .layout }
    let others = candidates.indices.filter { candidates[$0].place.pool != .layout }
    guard let leader = best(of: others) else { return best(of: layouts)! }
    if let layout = best(of: layouts),
      TrainingGain(before: measured[leader].views, after: measured[layout].views).interval.lowerBound > 0
    {
      return layout
    }
    let good = others.filter { candidates[$0].kept >= candidates[leader].kept - candidates[leader].error }
    let deepest = good.map(depth).max()!
    return best(of: good.filter { depth($0) == deepest })!
  }

  /// Measures the places worth asking.
  ///
  /// Of poolings the class token beside the mean of patches holds what either does; the layout is asked where images share one, at the first of the
  /// layers: what tokens further on say of a place has more and more of the whole image in it.
  /// - Parameters:
  ///   - layers: those to ask, the first first; nil is the end of the network.
  ///   - pool: the only one to ask; nil leaves that open, too.
  public static func measure(
    _ layers: [Int?], pool: VisionTransformer.Pool?, of features: VariedFeatures, layout: ImageLayout
  ) -> [PlaceConsistency] {
    if let pool { return PlaceConsistency.measure(layers, pools: [pool], of: features) }
    var measured = PlaceConsistency.measure(layers, pools: [.clsMean], of: features)
    if layout.isShared { measured += PlaceConsistency.measure([layers[0]], pools: [.layout], of: features) }
    return measured
  }

  /// Layers worth asking: a network's first third sees edges.
  public static func layers(depth: Int) -> [Int?] { Array(depth / 3..<depth).map { $0 } + [nil] }
}
