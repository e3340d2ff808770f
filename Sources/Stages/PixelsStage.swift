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
  let side = stack.height
  let box = side / size
  let channels = stack.channels
  var pixels = [Float](repeating: 0, count: 3 * side * side)
  var rows: [Float] = []
  rows.reserveCapacity(stack.count * channels * size * size)
  for image in 0..<stack.count {
    pixels.withUnsafeMutableBufferPointer { stack.read(image, into: $0.baseAddress!) }
    for channel in 0..<channels {
      for y in 0..<size {
        for x in 0..<size {
          var sum: Float = 0
          for dy in 0..<box {
            let start = channel * side * side + (y * box + dy) * side + x * box
            for dx in 0..<box { sum += pixels[start + dx] }
          }
          rows.append(sum / Float(box * box))
        }
      }
    }
  }
  return Matrix(rows: stack.count, columns: channels * size * size, storage: rows)
}
