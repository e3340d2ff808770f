import Tensors
import VisionModels

/// Chooses a layer and a pooling without labels, by `NeighborConsistency`.
///
/// Among places within one standard error of the best the deepest layer is taken, because what training put in lies there, and of its poolings the
/// best. How far this agrees with labels on real sets is in `Documentation/Training.md`.
public struct PlaceSelection: Sendable {
  public struct Candidate: Hashable, Sendable {
    public let place: FeaturePlace
    /// Mean share of an image's neighbours that stay its neighbours, 0…1, and its standard error over images.
    public let kept: Double
    public let error: Double

    public init(place: FeaturePlace, kept: Double, error: Double) {
      self.place = place
      self.kept = kept
      self.error = error
    }
  }

  public let candidates: [Candidate]
  public let chosen: Candidate

  /// - Precondition: there are candidates.
  public init(_ candidates: [Candidate]) {
    precondition(!candidates.isEmpty, "no place to choose from")
    self.candidates = candidates
    let best = candidates.max { $0.kept < $1.kept }!
    func depth(_ candidate: Candidate) -> Int { candidate.place.layer ?? .max }
    let good = candidates.filter { $0.kept >= best.kept - best.error }
    let deepest = good.map(depth).max()!
    chosen = good.filter { depth($0) == deepest }.max { $0.kept < $1.kept }!
  }

  public init(_ measured: [NeighborConsistency]) {
    self.init(measured.map { Candidate(place: $0.place, kept: $0.mean, error: $0.standardError) })
  }

  /// Layers worth asking: a network's first third sees edges.
  public static func layers(depth: Int) -> [Int?] { Array(depth / 3..<depth).map { $0 } + [nil] }
}
