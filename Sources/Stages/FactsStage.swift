public import Foundation
public import Pipeline
import Records
import Storage
import Tensors

/// `facts`: what is known of a file without looking at its picture (format, size, bits) and its mean grey, as the feature
/// vector: the baseline that shows how much of a sorting is only bookkeeping.
public struct FactsStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {}

  public static let name = "facts"
  public static let revision = 1
  public static let summary = "Baseline: file format, size, bits and mean grey as the feature vector"
  public static let slots = [Slot("images", [.images])]
  public static let output = ArtifactKind.embeddings
  public static let publishes = [Published(file: "embeddings.h5", name: "embeddings.h5")]
  public static let usesSeed = false

  public init(_ parameters: Parameters) throws {}

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let folder = try inputs.folder("images")
    let images = try ImagesFile(reading: folder.appending(path: "images.h5"))
    let records = try ManifestTable.read(from: folder.appending(path: "manifest.csv"))
    var greys: [Float] = []
    try images.forEachBlock { greys += shrunken($1, to: 1).storage }
    let kinds = Set(records.map(\.kind)).sorted()
    let rows = records.enumerated().map { index, record in
      let grey = greys[index * images.channels..<(index + 1) * images.channels]
      return kinds.map { record.kind == $0 ? 1 : 0 }
        + [Float(record.width), Float(record.height), Float(record.bits), grey.reduce(0, +) / Float(grey.count)]
    }
    let provenance = Provenance(
      modelDigest: "none", preprocessing: images.preprocessing, features: "facts", arithmetic: "f32")
    try EmbeddingsFile.write(
      Embeddings(
        ids: images.ids, paths: images.paths, vectors: standardizedColumns(rows), provenance: provenance),
      to: output.appending(path: "embeddings.h5"))
  }

  /// Columns of mean 0 and deviation 1; a column that never varies becomes 0.
  private func standardizedColumns(_ rows: [[Float]]) -> Matrix {
    guard let width = rows.first?.count else { return Matrix(rows: 0, columns: 1) }
    var result = rows
    for column in 0..<width {
      let values = rows.map { Double($0[column]) }
      let mean = values.reduce(0, +) / Double(values.count)
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
      for row in rows.indices { result[row][column] = deviation > 0 ? Float((values[row] - mean) / deviation) : 0 }
    }
    return Matrix(rowsOf: result)
  }
}
