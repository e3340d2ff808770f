public import Foundation
public import Pipeline
import Records
import Storage
import Tensors

/// `pixels`: the image itself, shrunk, as its feature vector: the baseline that learned nothing.
public struct PixelsStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var size: Int
  }

  public static let name = "pixels"
  public static let revision = 1
  public static let summary = "Baseline: the shrunken pixels themselves as the feature vector"
  public static let slots = [Slot("images", [.images])]
  public static let output = ArtifactKind.embeddings
  public static let publishes = [Published(file: "embeddings.h5", name: "embeddings.h5")]
  public static let usesSeed = false
  public static let fields = [
    ParameterField(
      "size", .integer(1...1024), default: 32, "Pixels on a side; must divide the size of the ingested images")
  ]

  private let parameters: Parameters

  public init(_ parameters: Parameters) throws { self.parameters = parameters }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let images = try ImagesFile(reading: inputs.folder("images").appending(path: "images.h5"))
    guard images.height % parameters.size == 0, images.height == images.width else {
      throw SizeMismatch(size: images.height, patch: parameters.size)
    }
    let provenance = Provenance(
      modelDigest: "none", preprocessing: images.preprocessing, features: "pixels size=\(parameters.size)",
      arithmetic: "f32")
    try EmbeddingsFile.write(
      ids: images.ids, paths: images.paths, columns: images.channels * parameters.size * parameters.size,
      provenance: provenance, to: output.appending(path: "embeddings.h5")
    ) { writer in
      try images.forEachBlock { try writer.append(shrunken($1, to: parameters.size).storage) }
    }
  }
}

/// Each image averaged over boxes to `size` × `size`, one row an image: [count, channels · size · size], in 0…1.
/// - Precondition: `size` divides the side of the (square) images.
func shrunken(_ stack: PixelStack, to size: Int) -> Matrix {
  let (side, channels) = (stack.height, stack.channels)
  var pixels = [Float](repeating: 0, count: 3 * side * side)
  var rows = Matrix(rows: stack.count, columns: channels * size * size)
  rows.withUnsafeMutableBufferPointer { target in
    pixels.withUnsafeMutableBufferPointer { source in
      for image in 0..<stack.count {
        stack.read(image, into: source.baseAddress!)
        for channel in 0..<channels {
          boxMeans(
            of: source.baseAddress! + channel * side * side, side: side, to: size,
            into: target.baseAddress! + (image * channels + channel) * size * size)
        }
      }
    }
  }
  return rows
}
