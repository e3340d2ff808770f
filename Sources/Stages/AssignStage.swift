import Clustering
public import Foundation
import Insight
public import Pipeline
import Records
import Storage
import Tensors

/// `assign`: which group of an earlier clustering each new image belongs to, and whether it fits there. Nothing is fitted.
public struct AssignStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var level: Double
  }

  public static let name = "assign"
  public static let revision = 1
  public static let summary = "Place new images in the groups of an earlier step, and say which fit none"
  public static let slots = [Slot("groups", [.groups]), Slot("points", [.points]), Slot("new", [.points])]
  public static let output = ArtifactKind.assignment
  public static let publishes = [
    Published(file: AssignedTable.file, name: AssignedTable.file),
    Published(file: AssignedTable.groupsFile, name: AssignedTable.groupsFile),
  ]
  public static let usesSeed = false
  public static let fields = [
    ParameterField(
      "level", .number(0.0001...0.5), default: 0.05,
      "An image fits no group where fewer of the group's own members than this share lie as far out")
  ]

  private let parameters: Parameters

  public init(_ parameters: Parameters) throws { self.parameters = parameters }

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    Arithmetic.digest(environment)
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let folder = try inputs.folder("groups")
    let groups = try GroupsArtifact(reading: folder)
    let partition = groups.partition
    let points = try PointsFile(reading: inputs.folder("points").appending(path: "points.h5")).points.loaded()
    let new = try PointsFile(reading: inputs.folder("new").appending(path: "points.h5"))
    guard partition.count == points.rows else { throw OtherArchive() }
    guard new.points.columns == points.columns else {
      throw OtherFeatures(what: "\(points.columns) numbers each, not \(new.points.columns)")
    }
    let questions = try new.points.loaded()
    if let row = try questions.firstRowThatIsNotFinite() { throw ClusteringError.notFinite(row: row) }
    let workers = WorkerPool(threads: context.workers)
    let model = try GroupsModelFile(reading: folder.appending(path: GroupsModelFile.name), points: points)
    let placement = try GroupPlacement(
      of: questions, in: model, partition, outlierScores: groups.outlierScores, points, workers: workers)
    let placed = placement.groups.indices.filter { placement.groups[$0] != nil }
    let novelty = Novelty(
      members: placement.members, centresAreMeans: placement.centresAreMeans,
      groups: placed.map { placement.groups[$0]! }, distances: placed.map { placement.distances[$0] },
      level: parameters.level)
    let place = Dictionary(uniqueKeysWithValues: placed.enumerated().map { ($1, $0) })
    try AssignedTable.write(
      new.ids.indices.map { row in
        AssignedTable.Row(
          id: new.ids[row], path: new.paths.isEmpty ? "" : new.paths[row], cluster: placement.groups[row],
          probability: placement.strengths[row], distance: placement.distances[row],
          pValue: place[row].map { novelty.pValues[$0] }, fits: place[row].map { novelty.fits($0) } ?? false)
      }, to: output.appending(path: AssignedTable.file))
    try AssignedTable.writeGroups(novelty.batches, to: output.appending(path: AssignedTable.groupsFile))
    let misfits = placed.indices.count { !novelty.fits($0) }
    context.note("assigned \(placed.count)")
    context.note("in_no_group \(new.ids.count - placed.count)")
    context.note("misfits \(misfits)")
    context.note("misfits_by_chance \(fixed(novelty.batches.reduce(0) { $0 + $1.expected }, digits: 1))")
    context.note("misfits_p \(NumberText.text(novelty.pValue))")
  }
}

/// New rows placed in old groups, and what the members of the groups are held against.
struct GroupPlacement {
  /// Of each new row; nil for none.
  let groups: [Int?]
  let strengths: [Float]
  /// To the centre of the group; of density groups the outlier score, which is what is comparable there.
  let distances: [Double]
  /// Of each group, the same distance of its members.
  let members: [[Double]]
  let centresAreMeans: Bool

  init(
    of rows: Matrix, in model: GroupsModelFile, _ partition: Partition, outlierScores: [Double]?, _ points: Matrix,
    workers: WorkerPool
  ) throws {
    switch model {
    case .centers(let given, let metric):
      let (rows, centers, points) = (metric.embedded(rows), metric.embedded(given), metric.embedded(points))
      let placed = try CenterAssignment(of: rows, to: centers, workers: workers)
      (groups, distances, strengths) = (placed.labels, placed.distances, placed.strengths)
      let d = points.columns
      members = partition.members.enumerated().map { group, rows in
        points.withUnsafeBufferPointer { x in
          centers.withUnsafeBufferPointer { c in
            rows.map { row in
              guard d > 0, let x = x.baseAddress, let c = c.baseAddress else { return 0 }
              return Distances.squared(x + row * d, c + group * d, count: d).squareRoot()
            }
          }
        }
      }
      centresAreMeans = metric == .euclidean
    case .density(let model):
      let found = model.predict(rows, workers: workers)
      groups = found.map(\.group)
      strengths = found.map { Float($0.probability) }
      distances = found.map(\.outlierScore)
      members = partition.members.map { rows in rows.map { outlierScores?[$0] ?? 0 } }
      centresAreMeans = false
    }
  }
}

/// `assigned.csv` and `assigned-groups.csv`: where new images go.
enum AssignedTable {
  static let file = "assigned.csv"
  static let groupsFile = "assigned-groups.csv"

  struct Row {
    let id: ImageID
    let path: String
    let cluster: Int?
    let probability: Float
    let distance: Double
    let pValue: Double?
    let fits: Bool
  }

  static func write(_ rows: [Row], to url: URL) throws {
    try CSVWriter.write(to: url, columns: ["id", "path", "cluster", "probability", "distance", "p_value", "fits"]) {
      writer in
      for row in rows {
        try writer.row([
          row.id.rawValue, row.path, NumberText.text(row.cluster ?? -1), NumberText.text(row.probability),
          NumberText.text(row.distance), NumberText.text(row.pValue), row.fits ? "true" : "false",
        ])
      }
    }
  }

  static func writeGroups(_ batches: [Novelty.Batch], to url: URL) throws {
    try CSVWriter.write(to: url, columns: ["cluster", "images", "misfits", "expected", "p_value"]) { writer in
      for (group, batch) in batches.enumerated() {
        try writer.row([
          NumberText.text(group), NumberText.text(batch.count), NumberText.text(batch.far),
          NumberText.text(batch.expected), NumberText.text(batch.pValue),
        ])
      }
    }
  }
}
