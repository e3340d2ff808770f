public import Foundation
public import Pipeline
import Records
import Storage
import Tensors

/// `features`: vectors that were made elsewhere, from an HDF5 file, to be reduced, grouped and shown like our own.
public struct FeaturesStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var file: String
    var dataset: String
  }

  public static let name = "features"
  public static let revision = 1
  public static let summary = "Take vectors made elsewhere: an HDF5 file with one row an item"
  public static let output = ArtifactKind.embeddings
  public static let publishes = [Published(file: "embeddings.h5", name: "embeddings.h5")]
  public static let usesSeed = false
  public static let fields = [
    ParameterField(
      "file", .path, default: nil, "The HDF5 file; texts in /ids and /paths, if it has them, name its rows"),
    ParameterField("dataset", .text, default: "/features", "Where in it the vectors are: (N, D) of floats"),
  ]

  private let parameters: Parameters

  public init(_ parameters: Parameters) throws { self.parameters = parameters }

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    let file = environment.url(parameters.file)
    guard FileManager.default.fileExists(atPath: file.path) else { throw InputMissing(path: parameters.file) }
    return ["file": try environment.digest(of: file)]
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let file = context.environment.url(parameters.file)
    let given = try EmbeddingsFile.given(in: file, dataset: parameters.dataset)
    let vectors = given.vectors
    if let row = try vectors.firstRowThatIsNotFinite() { throw NotFiniteRow(row: row) }
    try EmbeddingsFile.write(
      ids: given.ids, paths: given.paths, columns: vectors.columns, provenance: given.provenance,
      to: output.appending(path: "embeddings.h5")
    ) { writer in
      try vectors.forEachBlock(of: FeaturesStage.blockRows) { range, rows in
        try context.checkCancellation()
        try writer.append(rows)
        context.report(StageProgress(done: range.upperBound, total: vectors.rows, unit: "rows"))
      }
    }
    context.note("rows \(vectors.rows)")
  }

  private static let blockRows = 4096
}

/// A row of a user's own vectors that nothing can be made of.
struct NotFiniteRow: Error, CustomStringConvertible {
  let row: Int

  var description: String {
    "row \(row) (from 0) of the vectors holds a number that is not finite: leave it out of the file"
  }
}
