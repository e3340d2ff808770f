public import Tensors
public import VisionModels

/// Chooses a layer and a pooling without labels, by `ViewConsistency`: the place where images keep most of their neighbours.
///
/// The layout is another matter: it is taken where it keeps more neighbours than the best other place, unless most neighbours are the same ones at
/// both. Then nothing is gained by the longer vector. How far all this agrees with labels on real sets is in `Documentation/Training.md`.
public struct PlaceSelection: Sendable {
  public struct Candidate: Hashable, Sendable {
    public let place: FeaturePlace
    /// Share of an image's neighbours that stay its neighbours, 0…1, over images.
    public let kept: MeanEstimate
  }

  public let candidates: [Candidate]
  public let chosen: Candidate
  /// The share of nearest neighbours at the best other place that are the layout's, too; nil where not both were asked.
  public let sharedWithLayout: Double?

  /// From this share on the layout is not worth its length.
  static let mostShared = 0.6

  /// - Precondition: there are candidates, measured on the same images.
  public init(_ measured: [PlaceConsistency]) {
    precondition(!measured.isEmpty, "no place to choose from")
    let candidates = measured.map {
      Candidate(place: $0.place, kept: $0.views.keptShare)
    }
    self.candidates = candidates
    func best(pool isWanted: (VisionTransformer.Pool) -> Bool) -> Int? {
      candidates.indices.filter { isWanted(candidates[$0].place.pool) }
        .max { candidates[$0].kept.mean < candidates[$1].kept.mean }
    }
    guard let other = best(pool: { $0 != .layout }), let layout = best(pool: { $0 == .layout }) else {
      chosen = candidates[best(pool: { _ in true })!]
      sharedWithLayout = nil
      return
    }
    let shared = measured[other].views.neighborsShared(with: measured[layout].views)
    sharedWithLayout = shared
    let isLayout = candidates[layout].kept.mean > candidates[other].kept.mean && shared < PlaceSelection.mostShared
    chosen = candidates[isLayout ? layout : other]
  }

  /// The places worth asking.
  ///
  /// Of poolings the class token beside the mean of patches holds what either does; the layout is asked where images share one, in the middle of the
  /// network if that is among the layers: before, patches say little but how bright they are, and further on they have more and more of the whole
  /// image in them.
  /// - Parameters:
  ///   - layers: those to ask, the first first; nil is the end of the network.
  ///   - pool: the only one to ask; nil leaves that open, too.
  ///   - depth: blocks of the network.
  public static func places(
    among layers: [Int?], pool: VisionTransformer.Pool?, depth: Int, layout: ImageLayout
  ) -> [FeaturePlace] {
    var places = layers.map { FeaturePlace(layer: $0, pool: pool ?? .clsMean) }
    let middle: Int? = depth / 2
    if pool == nil && layout.isShared {
      places.append(FeaturePlace(layer: layers.contains(middle) ? middle : layers[0], pool: .layout))
    }
    return places
  }

  /// Layers worth asking: a network's first third sees edges.
  public static func layers(depth: Int) -> [Int?] { Array(depth / 3..<depth).map { $0 } + [nil] }
}
