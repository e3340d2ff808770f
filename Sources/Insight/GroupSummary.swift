/// What one group is: its size, the images that stand for it, how tight and how far from the others it lies, and how sure of
/// it one may be. Distances are Euclidean, in the space that was clustered.
public struct GroupSummary: Sendable, Hashable {
  /// The number of the group in the partition, from 0; groups are numbered by size.
  public let group: Int
  public let size: Int
  /// Of all rows, noise included: 0…1.
  public let share: Double
  /// The row in the middle. Exact (least sum of distances to all members) when `medoidIsExact`, else nearest to the mean.
  public let medoid: Int
  public let medoidIsExact: Bool
  /// Near the medoid, spread out, no copies of one another; the medoid itself is not among them. Nearest first.
  public let typical: [Exemplar]
  /// Farthest from the medoid and weakest in membership, in turn.
  public let odd: [Exemplar]
  /// Mean distance of the members to the medoid (the medoid itself counts, at 0).
  public let cohesion: Double
  /// The greatest distance of a member to the medoid.
  public let radius: Double
  /// Distance from this medoid to the nearest other one; nil when there is only one group.
  public let separation: Double?
  /// Distance of the two means over the sum of the two mean distances to them, the least over all other groups: the
  /// reciprocal of the Davies–Bouldin ratio. Above 1 the groups lie farther apart than they are wide.
  public let margin: Double?
  /// Other groups by the distance between medoids, nearest first.
  public let neighbours: [Neighbour]
  /// Mean strength of membership, 0…1.
  public let meanProbability: Double
  /// Mean silhouette of the members, −1…1; nil when it was not computed.
  public let silhouette: Double?
  /// How well the group comes back when the archive is resampled, 0…1 (clusterwise Jaccard); nil when it was not computed.
  public let stability: Double?
  public let trust: Trust

  /// Another group, and how far away its medoid is.
  public struct Neighbour: Sendable, Hashable {
    public let group: Int
    public let distance: Double
  }
}
