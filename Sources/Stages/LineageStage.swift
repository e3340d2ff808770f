import Clustering
public import Foundation
import Insight
public import Pipeline
import Records
import Storage

/// `lineage`: which groups of an earlier run the groups of this one continue, split or merge, and which are new.
public struct LineageStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var previous: ParameterValue?
  }

  public static let name = "lineage"
  public static let revision = 1
  public static let summary =
    "Keep the names of groups through a re-fit: what continues, splits, merges, is born, is gone"
  public static let slots = [Slot("groups", [.groups]), Slot("points", [.points])]
  public static let output = ArtifactKind.lineage
  public static let publishes = [
    Published(file: LineageTables.images, name: "lineage-{step}.csv"),
    Published(file: LineageTables.groups, name: "lineage-{step}-groups.csv"),
    Published(file: LineageTables.events, name: "lineage-{step}-events.csv"),
  ]
  public static let usesSeed = false
  public static let fields = [
    ParameterField(
      "previous", .path, default: .null,
      "lineage-<step>.csv of an earlier run (lineage-<step>-groups.csv beside it), or its labels-<step>.csv; without one, all groups are new"
    )
  ]

  private let parameters: Parameters

  public init(_ parameters: Parameters) throws { self.parameters = parameters }

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    guard let path = parameters.previous?.word else { return [:] }
    let file = environment.url(path)
    guard FileManager.default.fileExists(atPath: file.path) else { throw InputMissing(path: path) }
    var digests = ["previous": try environment.digest(of: file)]
    let beside = LineageTables.groups(beside: file)
    if FileManager.default.fileExists(atPath: beside.path) {
      digests["previous_groups"] = try environment.digest(of: beside)
    }
    return digests
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let partition = try GroupsArtifact(reading: inputs.folder("groups")).partition
    let points = try PointsFile(reading: inputs.folder("points").appending(path: "points.h5"))
    guard partition.count == points.ids.count else { throw OtherArchive() }
    let past = try parameters.previous?.word.map { try LineageTables.Past(reading: context.environment.url($0)) }
    let lineage = Lineage(
      old: past?.images ?? [:], oldIDs: past?.ids ?? [], nextID: past?.nextID ?? 0, new: partition, ids: points.ids)
    try LineageTables.write(lineage, partition, points, past, to: output)
    for kind in Lineage.Kind.allCases {
      context.note("\(kind.rawValue) \(lineage.events.count { $0.kind == kind })")
    }
  }
}

/// The three tables of a lineage.
///
///     lineage.csv          id,path,group_id                       the persistent group of each image; empty for noise
///     lineage-groups.csv   group_id,cluster,size                  every group there ever was; `cluster` is empty for those that are gone
///     lineage-events.csv   event,old,new,shared                   ids joined by `;`, shared as `old>new:images`
enum LineageTables {
  static let images = "lineage.csv"
  static let groups = "lineage-groups.csv"
  static let events = "lineage-events.csv"

  /// `lineage-a.csv` → `lineage-a-groups.csv`.
  static func groups(beside file: URL) -> URL {
    file.deletingLastPathComponent().appending(path: file.deletingPathExtension().lastPathComponent + "-groups.csv")
  }

  /// What an earlier run says.
  struct Past {
    var images: [ImageID: Int?] = [:]
    /// Groups of the earlier run.
    var ids: [Int] = []
    /// Groups that were gone already.
    var gone: [Int] = []
    var nextID = 0

    /// - Throws: the system's error, or `CSVError`.
    init(reading file: URL) throws {
      var reader = try CSVReader(file)
      let isLineage = reader.columns.contains("group_id")
      try reader.require(["id", isLineage ? "group_id" : "cluster"])
      while let row = try reader.next() {
        let text = try row.text(isLineage ? "group_id" : "cluster")
        let group = text.isEmpty || text == "-1" ? nil : try row.integer(isLineage ? "group_id" : "cluster")
        images.updateValue(group, forKey: ImageID(try row.text("id")))
      }
      ids = Set(images.values.compactMap { $0 }).sorted()
      let beside = LineageTables.groups(beside: file)
      if isLineage && FileManager.default.fileExists(atPath: beside.path) {
        var reader = try CSVReader(beside)
        try reader.require(["group_id"])
        gone = try reader.map { try $0.integer("group_id") }.filter { !Set(ids).contains($0) }
      }
      nextID = ((ids + gone).max() ?? -1) + 1
    }
  }

  static func write(
    _ lineage: Lineage, _ partition: Partition, _ points: PointsFile, _ past: Past?, to folder: URL
  ) throws {
    try CSVWriter.write(to: folder.appending(path: images), columns: ["id", "path", "group_id"]) { writer in
      for (row, label) in partition.labels.enumerated() {
        try writer.row([
          points.ids[row].rawValue, points.paths.isEmpty ? "" : points.paths[row],
          label.map { NumberText.text(lineage.ids[$0]) } ?? "",
        ])
      }
    }
    let known = Set(lineage.ids)
    let gone = ((past?.ids ?? []) + (past?.gone ?? [])).filter { !known.contains($0) }
    try CSVWriter.write(to: folder.appending(path: groups), columns: ["group_id", "cluster", "size"]) { writer in
      let rows =
        lineage.ids.enumerated().map { ($1, NumberText.text($0), NumberText.text(partition.sizes[$0])) }
        + gone.map { ($0, "", "0") }
      for (id, cluster, size) in rows.sorted(by: { $0.0 < $1.0 }) {
        try writer.row([NumberText.text(id), cluster, size])
      }
    }
    try CSVWriter.write(to: folder.appending(path: events), columns: ["event", "old", "new", "shared"]) { writer in
      for event in lineage.events {
        try writer.row([
          event.kind.rawValue, event.old.map(String.init).joined(separator: ";"),
          event.new.map(String.init).joined(separator: ";"),
          event.evidence.map { "\($0.old)>\($0.new):\($0.shared)" }.joined(separator: ";"),
        ])
      }
    }
  }
}
