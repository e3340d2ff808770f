public import Foundation
public import Pipeline
import Records
import Storage
import Tensors
import VisionModels

/// `embed`: one feature vector an image, by a model of an earlier step.
public struct EmbedStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var layer: ParameterValue
    var pool: String
    var shifts: Int
    var precision: String
  }

  public static let name = "embed"
  public static let revision = 3
  public static let summary = "Turn every image into a feature vector by a model"
  public static let slots = [Slot("images", [.images]), Slot("model", [.model])]
  public static let output = ArtifactKind.embeddings
  public static let publishes = [Published(file: "embeddings.h5", name: "embeddings.h5")]
  public static let usesSeed = false
  public static let fields = [
    ParameterField(
      "layer", .either([.integer(0...64), .choice(["last", "middle"])]), default: "last",
      "Where the vector is taken: the input of this block (from 0), of the middle one, or after the last with its norm"),
    ParameterField(
      "pool", .choice(VisionTransformer.Pool.allCases.map(\.rawValue)), default: "cls+mean",
      "The class token, the mean of the patch tokens, or both side by side"),
    ParameterField(
      "shifts", .integer(1...64), default: 1,
      "Average over shifts × shifts places of the grid of patches, so that how it falls makes no difference; 1: one pass"
    ),
    PrecisionChoice.field,
  ]

  private let parameters: Parameters
  private let pool: VisionTransformer.Pool
  private let choice: PrecisionChoice

  public init(_ parameters: Parameters) throws {
    self.parameters = parameters
    pool = VisionTransformer.Pool(rawValue: parameters.pool)!
    choice = try PrecisionChoice(parameters.precision)
  }

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    choice.digest
  }

  public var settled: [String] { [choice.words] }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let images = try ImagesFile(reading: inputs.folder("images").appending(path: "images.h5"))
    let modelURL = try inputs.folder("model").appending(path: "model.safetensors")
    let file = try ModelFile(reading: modelURL)
    let depth = file.configuration.depth
    let layer: Int? =
      switch parameters.layer {
      case .integer(let block): block
      case .text("middle"): depth / 2
      default: nil
      }
    if let layer, layer >= depth { throw NoSuchLayer(layer: layer, depth: depth) }
    try choice.check(file.configuration)
    let patch = file.configuration.patchSize
    guard images.height % patch == 0 else { throw SizeMismatch(size: images.height, patch: patch) }
    if parameters.shifts > 1, parameters.shifts > patch || images.height < 2 * patch {
      throw TooManyShifts(shifts: parameters.shifts, patch: patch, size: images.height)
    }
    try MemoryPromise(context).need(
      FeatureStream.memory(
        of: images, model: file.model, precision: choice.precision, pool: pool, shifts: parameters.shifts,
        threads: context.workers), for: "the model, activations and blocks of images of \(context.workers) threads")
    context.note(choice.words)
    let provenance = Provenance(
      modelDigest: try context.environment.digest(of: modelURL), preprocessing: images.preprocessing,
      features: "layer=\(layer.map(String.init) ?? "last") pool=\(pool.rawValue) shifts=\(parameters.shifts)",
      arithmetic: Arithmetic.network(choice.precision))
    let stream = FeatureStream(
      of: images, model: file.model, parameters: file.parameters, precision: choice.precision,
      standardization: file.standardization, layer: layer, pool: pool, shifts: parameters.shifts,
      on: WorkerPool(threads: context.workers))
    try EmbeddingsFile.write(
      ids: images.ids, paths: images.paths, columns: stream.width, provenance: provenance,
      to: output.appending(path: "embeddings.h5")
    ) { writer in
      // The stream hands on one block at a time.
      nonisolated(unsafe) let writer = writer
      try stream.run(
        progress: { context.report(StageProgress(done: $0, total: images.count, unit: "images")) },
        isCancelled: context.isCancelled
      ) { _, rows in try writer.append(rows) }
    }
  }
}

/// A layer the model doesn't have.
struct NoSuchLayer: Error, CustomStringConvertible {
  let layer: Int
  let depth: Int

  var description: String { "layer \(layer): the model has blocks 0 to \(depth - 1); `last` is after them" }
}

/// More places for the grid of patches than there are, or an image of a single patch.
struct TooManyShifts: Error, CustomStringConvertible {
  let shifts: Int
  let patch: Int
  let size: Int

  var description: String {
    size < 2 * patch
      ? "shifts \(shifts): an image of \(size) pixels holds only one patch of \(patch), which can't be moved; use shifts: 1"
      : "shifts \(shifts): a patch of \(patch) pixels has \(patch) places at most"
  }
}
