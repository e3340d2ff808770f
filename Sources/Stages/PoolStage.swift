public import Foundation
public import Pipeline
import Records
import Storage
import Tensors

/// `pool`: one vector for each series, study, patient or file instead of one for each picture.
///
/// A row stands for its group by the picture in the middle of it, so that later steps and the page find a thumbnail and a path. Vectors are
/// combined in the order of the body and by content, never by name: the same series gives the same bytes whatever its files are called.
public struct PoolStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var by: String
    var method: String
  }

  public static let name = "pool"
  public static let revision = 1
  public static let summary =
    "Combine the vectors of slices, frames or tiles into one for each series, study, patient or file"
  public static let slots = [Slot("embeddings", [.embeddings]), Slot("images", [.images])]
  public static let output = ArtifactKind.embeddings
  public static let publishes = [
    Published(file: "embeddings.h5", name: "embeddings.h5"), Published(file: "members.csv", name: "members-{step}.csv"),
  ]
  public static let usesSeed = false
  public static let fields = [
    ParameterField(
      "by", .choice(PoolGroups.By.allCases.map(\.rawValue)), default: .text(PoolGroups.By.series.rawValue),
      "What becomes one row: a series, study or patient as the headers say, else the file; or a file (a clip, a slide)"),
    ParameterField(
      "method", .choice(RowPooling.allCases.map(\.rawValue)), default: .text(RowPooling.mean.rawValue),
      "The mean of the vectors, the largest of each number, or both side by side"),
  ]

  private let by: PoolGroups.By
  private let method: RowPooling

  public init(_ parameters: Parameters) throws {
    by = PoolGroups.By(rawValue: parameters.by)!
    method = RowPooling(rawValue: parameters.method)!
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let embeddings = try EmbeddingsFile.read(from: inputs.folder("embeddings").appending(path: "embeddings.h5"))
    let folder = try inputs.folder("images")
    let manifest = try ManifestTable.read(from: folder.appending(path: "manifest.csv"))
    guard embeddings.ids == manifest.map(\.id) else { throw OtherArchive() }
    let slices = folder.appending(path: "slices.csv")
    let order = FileManager.default.fileExists(atPath: slices.path) ? try SlicesTable.read(from: slices) : []
    let groups = PoolGroups(by, manifest, order).groups
    var provenance = embeddings.provenance
    provenance.features += " pooled=\(method.rawValue) by=\(by.rawValue)"
    try EmbeddingsFile.write(
      ids: groups.map { manifest[$0.middle].id },
      paths: embeddings.paths.isEmpty ? [] : groups.map { embeddings.paths[$0.middle] },
      columns: method.columns(of: embeddings.vectors.columns), provenance: provenance,
      to: output.appending(path: "embeddings.h5")
    ) { writer in
      for (number, group) in groups.enumerated() {
        try writer.append(try method.pool(group.rows, of: embeddings.vectors))
        if number % 64 == 0 {
          try context.checkCancellation()
          context.report(StageProgress(done: number, total: groups.count, unit: "groups"))
        }
      }
    }
    try MembersTable.write(
      groups.flatMap { group in
        group.rows.map {
          MembersTable.Row(
            group: group.name, representative: manifest[group.middle].id, id: manifest[$0].id, path: manifest[$0].path)
        }
      }, to: output.appending(path: "members.csv"))
    context.note("groups \(groups.count)")
  }
}
