import Augmentation
public import Foundation
public import Pipeline
import Records
import SelfSupervision
import Storage
import Tensors
import VisionModels

/// `embed`: one feature vector an image, by a model of an earlier step.
public struct EmbedStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var layer: ParameterValue
    var pool: String
    var augmentation: String
    var shifts: Int
    var precision: String
  }

  public static let name = "embed"
  public static let revision = 10
  public static let summary = "Turn every image into a feature vector by a model"
  /// `like`: a step whose layer, pooling and shifts are taken, and whose directions of a layout, whatever the parameters say.
  public static let slots = [
    Slot("images", [.images]), Slot("model", [.model]), Slot("like", [.embeddings], optional: true),
  ]
  public static let output = ArtifactKind.embeddings
  public static let publishes = [
    Published(file: "embeddings.h5", name: "embeddings.h5"),
    Published(file: PlacesTable.file, name: "places-{step}.csv", isOptional: true),
  ]
  public static let usesSeed = false
  public static let fields = [
    ParameterField(
      "layer", .either([.integer(0...64), .choice(["auto", "last", "middle"])]), default: "last",
      "Where the vector is taken: the input of this block (from 0), of the middle one, or after the last with its norm; auto: where images keep their neighbours when they are varied"
    ),
    ParameterField(
      "pool", .choice(VisionTransformer.Pool.allCases.map(\.rawValue) + ["auto"]), default: "cls+mean",
      "The class token, the mean of the patch tokens, both side by side, or the layout: both, and patch tokens in 8 × 8 cells by their 32 principal directions; auto: cls+mean or, where the images are laid out alike and that keeps more neighbours, layout"
    ),
    ParameterField(
      "augmentation", .choice(AugmentationPreset.names), default: "medical", "How auto varies images"),
    ParameterField(
      "shifts", .integer(1...64), default: 1,
      "Average over shifts × shifts places of the grid of patches, so that how it falls makes no difference; 1: one pass"
    ),
    PrecisionChoice.field,
  ]

  private let parameters: Parameters
  /// nil where the images decide.
  private let pool: VisionTransformer.Pool?
  private let choice: PrecisionChoice

  public init(_ parameters: Parameters) throws {
    self.parameters = parameters
    pool = VisionTransformer.Pool(rawValue: parameters.pool)
    choice = try PrecisionChoice(parameters.precision)
  }

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    if !isAutomatic { return choice.digest }
    return choice.digest.merging(["augmentation": try canonicalJSON(preset)]) { $1 }
  }

  private var preset: AugmentationPreset { AugmentationPreset.named(parameters.augmentation)! }
  private var isAutomatic: Bool { pool == nil || parameters.layer == .text("auto") }

  public var settled: [String] { [choice.words] }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let images = try ImagesFile(reading: inputs.folder("images").appending(path: "images.h5"))
    let modelURL = try inputs.folder("model").appending(path: "model.safetensors")
    let file = try ModelFile(reading: modelURL)
    try choice.check(file.configuration)
    let patch = file.configuration.patchSize
    guard images.height % patch == 0 else { throw SizeMismatch(size: images.height, patch: patch) }
    let modelDigest = try context.environment.digest(of: modelURL)
    let workers = WorkerPool(threads: context.workers)
    let taken =
      inputs.isEmpty("like")
      ? try taken(from: images, file, into: output, context, workers)
      : try taken(like: inputs.folder("like"), modelDigest, images)
    let (layer, pool, layoutVectors) = (taken.place.layer, taken.place.pool, taken.layout)
    try taken.write(to: output.appending(path: FeaturePlaceFile.name))
    try MemoryPromise(context).need(
      FeatureStream.memory(
        of: images, model: file.model, precision: choice.precision, pool: pool, shifts: taken.shifts,
        threads: context.workers), for: "the model, activations and blocks of images of \(context.workers) threads")
    context.note(choice.words)
    let provenance = Provenance(
      modelDigest: modelDigest, preprocessing: images.preprocessing,
      features:
        "layer=\(PlacesTable.name(of: layer)) pool=\(pool.rawValue)\(layoutVectors.map { " directions=\($0.directionCount)" } ?? "") shifts=\(taken.shifts)",
      arithmetic: Arithmetic.network(choice.precision))
    let stream = FeatureStream(
      of: images, model: file.model, parameters: file.parameters, precision: choice.precision,
      standardization: file.standardization, layer: layer, pool: pool, shifts: taken.shifts, on: workers)
    try EmbeddingsFile.write(
      ids: images.ids, paths: images.paths, columns: layoutVectors?.width ?? stream.width, provenance: provenance,
      to: output.appending(path: "embeddings.h5")
    ) { writer in
      // The stream hands on one block at a time.
      nonisolated(unsafe) let writer = writer
      try stream.run(
        progress: { context.report(StageProgress(done: $0, total: images.count, unit: "images")) },
        isCancelled: context.isCancelled
      ) { _, rows in
        if let layoutVectors {
          let vectors = Matrix(rows: rows.count / stream.width, columns: stream.width, storage: Array(rows))
          // The workers are busy with the stream.
          try writer.append(layoutVectors(vectors, workers: WorkerPool(threads: 1)).storage)
        } else {
          try writer.append(rows)
        }
      }
    }
  }
}

extension EmbedStage {
  /// Where and how vectors are taken: as the recipe says, or as the images do.
  private func taken(
    from images: ImagesFile, _ file: ModelFile, into output: URL, _ context: StageContext, _ workers: WorkerPool
  ) throws -> FeaturePlaceFile {
    let (depth, patch) = (file.configuration.depth, file.configuration.patchSize)
    let layers: [Int?] =
      switch parameters.layer {
      case .integer(let block): [block]
      case .text("middle"): [depth / 2]
      case .text("auto"): PlaceSelection.layers(depth: depth)
      default: [nil]
      }
    if case .integer(let block) = parameters.layer, block >= depth { throw NoSuchLayer(layer: block, depth: depth) }
    if parameters.shifts > 1, parameters.shifts > patch || images.height < 2 * patch {
      throw TooManyShifts(shifts: parameters.shifts, patch: patch, size: images.height)
    }
    let place = try place(among: layers, images, file, into: output, context)
    let layout =
      place.pool == .layout ? try layoutVectors(of: images, file, layer: place.layer, context, workers) : nil
    return FeaturePlaceFile(place: place, shifts: parameters.shifts, layout: layout)
  }

  /// As an earlier step took them.
  private func taken(like folder: URL, _ modelDigest: String, _ images: ImagesFile) throws -> FeaturePlaceFile {
    let other = try EmbeddingsFile.read(from: folder.appending(path: "embeddings.h5")).provenance
    if other.modelDigest != modelDigest { throw OtherFeatures(what: "other weights") }
    if other.preprocessing != images.preprocessing { throw OtherFeatures(what: "pixels that were made otherwise") }
    return try FeaturePlaceFile(reading: folder.appending(path: FeaturePlaceFile.name))
  }

  /// Fitted to an even spread of the archive.
  private func layoutVectors(
    of images: ImagesFile, _ file: ModelFile, layer: Int?, _ context: StageContext, _ workers: WorkerPool
  ) throws -> LayoutVectors {
    let rows = ViewConsistency.rows(of: images.count)
    try MemoryPromise(context).need(
      LayoutVectors.memory(of: file.model, images: rows.count), for: "the layouts of \(rows.count) images")
    let vectors = extractFeatures(
      of: try images.stack(of: rows), model: file.model, parameters: file.parameters, precision: choice.precision,
      standardization: file.standardization, layer: layer, pool: .layout, on: workers)
    return try LayoutVectors(fitting: vectors, workers: workers)
  }

  /// The layer and the pooling: as the recipe says, or as the images do.
  private func place(
    among layers: [Int?], _ images: ImagesFile, _ file: ModelFile, into output: URL, _ context: StageContext
  ) throws -> FeaturePlace {
    if !isAutomatic { return FeaturePlace(layer: layers[0], pool: pool!) }
    guard images.count >= ViewConsistency.fewest else {
      context.note("\(images.count) images are too few to choose a layer by: the last, cls+mean")
      return FeaturePlace(layer: nil, pool: .clsMean)
    }
    context.report(StageProgress(done: 0, total: images.count, unit: "images", detail: "choosing layer and pooling"))
    let workers = WorkerPool(threads: context.workers)
    let sample = try images.stack(of: ViewConsistency.rows(of: images.count))
    let layout = ImageLayout(of: sample, workers: workers)
    let places = PlaceSelection.places(
      among: layers, pool: pool, depth: file.configuration.depth, layout: layout)
    try MemoryPromise(context).need(
      PlaceConsistency.memory(of: places, file.model, images: sample.count),
      for: "the vectors of \(sample.count) images at \(places.count) places")
    let features = VariedFeatures(
      of: file.model, parameters: file.parameters, precision: choice.precision,
      VariedImages(
        sample, standardization: file.standardization, preset: preset, seed: Seed(0).split("feature place"),
        workers: workers))
    let selection = PlaceSelection(try PlaceConsistency.measure(places, of: features))
    try PlacesTable.write(selection, to: output.appending(path: PlacesTable.file))
    let chosen = selection.chosen
    context.note(
      "images are \(layout.isShared ? "" : "not ")laid out alike: to the nearest other it is \(fixed(layout.ratio, digits: 2)) times as far as to the nearest of the others turned"
    )
    context.note(
      "layer \(PlacesTable.name(of: chosen.place.layer)) pool \(chosen.place.pool.rawValue): images keep \(fixed(100 * chosen.kept.mean, digits: 1)) % of their neighbours when varied, \(selection.candidates.count) places compared\(selection.sharedWithLayout.map { "; \(fixed(100 * $0, digits: 0)) % of the neighbours are the layout's too" } ?? "")"
    )
    return chosen.place
  }
}

/// `places.csv`: what each layer and pooling was judged by.
enum PlacesTable {
  static let file = "places.csv"

  static func name(of layer: Int?) -> String { layer.map(String.init) ?? "last" }

  static func write(_ selection: PlaceSelection, to url: URL) throws {
    try CSVWriter.write(to: url, columns: ["layer", "pool", "neighbors_kept", "standard_error", "chosen"]) { writer in
      for candidate in selection.candidates {
        try writer.row([
          name(of: candidate.place.layer), candidate.place.pool.rawValue, NumberText.text(candidate.kept.mean),
          NumberText.text(candidate.kept.standardError), candidate == selection.chosen ? "true" : "false",
        ])
      }
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
