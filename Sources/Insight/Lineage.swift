public import Clustering
public import Records

/// Who the groups of a new fit are: which old ones they continue, split or merge, and which are new. Gives every new group a persistent id.
///
/// After MONIC (Spiliopoulou et al. 2006): groups are compared by the images they share. One threshold, a majority, since at most one group
/// can hold a majority of another: a new group is a *child* of an old one if it holds most of the old one's surviving images, or
/// mostly consists of what the old one held. So five equal pieces are all children of the whole, and a small group swallowed by
/// a large one is still its parent.
///
/// One optimal assignment between parents and children hands the ids on, such that as many images as possible stay under their id. Where one
/// group splits, its largest piece keeps the id; where groups merge, the one that brings most images gives it. Other groups get fresh
/// ids, in order of their number, from `nextID` on; an id is never used again. Equal inputs give equal ids; of pieces that are
/// equally large the one of the lower group number.
public struct Lineage: Sendable, Equatable {
  /// The persistent id of each new group.
  public let ids: [Int]
  /// The first id that nobody has had: what the next fit must be given.
  public let nextID: Int
  /// What happened, by the least id concerned, old before new. Every old and every new group is in at least one event.
  public let events: [Event]

  /// A change, or none, in the groups.
  public struct Event: Sendable, Hashable {
    public let kind: Kind
    /// Ids of the old groups, ascending.
    public let old: [Int]
    /// Ids of the new groups, ascending.
    public let new: [Int]
    /// All pairs of an old and a new group that have images in common and of which the event names at least one, by old, then new id.
    public let evidence: [Overlap]
  }

  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// One parent, one child.
    case continues
    /// One old group has several children.
    case split
    /// One new group has several parents.
    case merge
    /// A new group of mostly new images that don't belong to the old groups.
    case birth
    /// A new group of mostly images that were noise.
    case fromNoise = "from_noise"
    /// A new group that no old one holds a majority of, though its images were in old groups.
    case regrouped
    /// An old group without a child.
    case death
  }

  /// What an old and a new group have in common.
  public struct Overlap: Sendable, Hashable {
    public let old: Int
    public let new: Int
    /// Images in both.
    public let shared: Int
    /// Shared over the old group's images that are still in the archive.
    public let ofOld: Double
    /// Over all images of the new group: the shared ones, and new images that would have joined the old group, where that is known. Where it
    /// is not: the shared ones over the new group's images that are not new.
    public let ofNew: Double

    public init(old: Int, new: Int, shared: Int, ofOld: Double, ofNew: Double) {
      self.old = old
      self.new = new
      self.shared = shared
      self.ofOld = ofOld
      self.ofNew = ofNew
    }
  }

  /// What an image was in the old fit.
  public enum Past: Sendable, Hashable {
    case group(id: Int)
    case noise
    /// Not in the archive then; `fits` is the old group whose members it is like, nil if none.
    case new(fits: Int?)
    /// Not in the archive then, and nobody looked at which old group it fits.
    case unseen
  }

  /// - Parameters:
  ///   - pasts: of each row of the new partition.
  ///   - oldIDs: all groups of the old fit, also those of which no image is left.
  ///   - nextID: the first id that nobody has had.
  /// - Precondition: old ids are distinct and below `nextID`; `pasts` names no others.
  /// - Complexity: O(rows) and an assignment of old to new groups.
  public init(of partition: Partition, pasts: [Past], oldIDs: [Int], nextID: Int) {
    precondition(pasts.count == partition.count, "\(pasts.count) pasts, \(partition.count) rows")
    precondition(Set(oldIDs).count == oldIDs.count && oldIDs.allSatisfy { $0 < nextID }, "old ids \(oldIDs)")
    let kinship = Kinship(partition, pasts, oldIDs.sorted())
    let heirs = kinship.heirs()
    var next = nextID
    var ids: [Int] = []
    for heir in heirs {
      ids.append(heir.map { kinship.oldIDs[$0] } ?? next)
      if heir == nil { next += 1 }
    }
    self.ids = ids
    self.nextID = next
    events = kinship.events(ids, heirs)
  }

  /// Groups of two fits by the ids of their images. - Parameter fits: of images that are not in `old`, the old group they
  /// would join, nil for none; nil altogether where nobody looked.
  public init(
    old: [ImageID: Int?], oldIDs: [Int], nextID: Int, new partition: Partition, ids: [ImageID],
    fits: ((_ row: Int) -> Int?)? = nil
  ) {
    let pasts = ids.enumerated().map { row, id -> Past in
      if let past = old[id] { return past.map { .group(id: $0) } ?? .noise }
      return fits.map { .new(fits: $0(row)) } ?? .unseen
    }
    self.init(of: partition, pasts: pasts, oldIDs: oldIDs, nextID: nextID)
  }
}
