import Crypto
public import Foundation
import Imaging
public import Pipeline
import Records
import Storage
import Synchronization
import Tensors

/// `ingest`: files to pixels at training size, a manifest of what was taken and a ledger of what was refused.
///
/// Files are decoded in child processes of this program, so that one which kills its decoder costs a row and not the run.
public struct IngestStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var from: ParameterValue
    var include: [String]
    var exclude: [String]
    var `where`: [String: [String]]
    var size: Int
    var fit: String
    var bits: Int
    var frames: String
    var frame_rate: Double
    var frame_change: Double
    var slices: ParameterValue
    var tile: String
    var mpp: Double
    var overlap: Int
    var min_tissue: Double
    var max_tiles: ParameterValue
    var on_missing_mpp: String
    var assumed_mpp: Double
    var stain: String
    var decode: String
  }

  public static let name = "ingest"
  public static let revision = 2
  public static let summary = "Read files into pixels, a manifest and a ledger of what was refused"
  public static let output = ArtifactKind.images
  public static let publishes = [
    Published(file: "manifest.csv", name: "manifest.csv"), Published(file: "rejected.csv", name: "rejected.csv"),
    Published(file: "series.csv", name: "series.csv"),
    Published(file: "coords", name: "coords", isDirectory: true, isOptional: true),
  ]
  public static let usesSeed = false
  public static let fields = [
    ParameterField(
      "from", .list(.path), default: nil, "A folder, several, or a CSV with the columns path[,patient,site,mpp]"),
    ParameterField(
      "include", .list(.text), default: [], "Only files that fit one of these patterns: \"*.dcm\", \"site_a/**\""),
    ParameterField("exclude", .list(.text), default: [], "No files that fit one of these"),
    ParameterField(
      "where",
      .table(Dictionary(uniqueKeysWithValues: RecordFilter.fields.map { ($0, ParameterField.Kind.list(.text)) })),
      default: [:], "Only images whose files say so: { modality: [CR, DX] }"),
    ParameterField("size", .integer(8...1024), default: 224, "Pixels on a side of the square the network sees"),
    ParameterField(
      "fit", .choice(Preprocessing.Fit.allCases.map(\.rawValue)), default: .text(Preprocessing.Fit.pad.rawValue),
      "Make the picture square by a black border, by cutting, or by stretching"),
    ParameterField("bits", .integer(8...16), default: 8, "Bits a sample is kept with: 8, or 16"),
    ParameterField(
      "frames", .choice(ClipSampling.Method.allCases.map(\.rawValue)), default: "rate",
      "Which frames of a clip: all, so many a second, or each that differs enough from the last one taken"),
    ParameterField("frame_rate", .number(0.001...1000), default: 1, "With `frames: rate`: frames a second"),
    ParameterField(
      "frame_change", .number(0...1), default: 0.05,
      "With `frames: change`: mean difference of grey, of 1, that is enough"),
    ParameterField(
      "slices", .either([.integer(1...100_000), .choice(["all"])]), default: "all",
      "Of a volume or a series: so many slices, evenly spread"),
    ParameterField(
      "tile", .choice(TileOptions.Scope.allCases.map(\.rawValue)), default: "slides",
      "What is cut into tiles of `size`: whole slides, every picture that is larger than a tile, or nothing"),
    ParameterField("mpp", .number(0.01...1000), default: 0.5, "Micrometres a pixel of a tile, exactly"),
    ParameterField("overlap", .integer(0...1023), default: 0, "Pixels of a tile that its neighbour shows too"),
    ParameterField("min_tissue", .number(0...1), default: 0.25, "The least share of a tile that is tissue"),
    ParameterField(
      "max_tiles", .either([.integer(1...100_000_000), .choice(["all"])]), default: "all",
      "At most so many tiles a slide, evenly spread"),
    ParameterField(
      "on_missing_mpp", .choice(TileOptions.MissingResolution.allCases.map(\.rawValue)), default: "fail",
      "A slide that doesn't say its resolution: refuse it, take the table's `mpp`, or that or `assumed_mpp`"),
    ParameterField("assumed_mpp", .number(0.01...1000), default: 0.5, "With `on_missing_mpp: assume`"),
    ParameterField(
      "stain", .choice(TileOptions.StainNormalization.allCases.map(\.rawValue)), default: "none",
      "Bring the stains of slides to one look"),
    ParameterField(
      "decode", .choice(["exact", "fast"]), default: "exact",
      "fast: JPEG at a fraction of its size where that is enough; no digests, no copies found, no quality flags"),
  ]

  /// The secret under which the caller gives the key of identifiers.
  public static let identifierKey = "identifier_key"
  /// The value under which the caller says `true` to have identifiers left as they are written.
  public static let keepIdentifiersKey = "keep_identifiers"

  private let parameters: Parameters
  private let filter: RecordFilter
  private let counted = FileCount()

  public init(_ parameters: Parameters) throws {
    guard parameters.bits == 8 || parameters.bits == 16 else {
      throw ParameterError(key: "bits", message: "\(parameters.bits) bits; 8 or 16 wanted")
    }
    guard parameters.overlap < parameters.size else {
      throw ParameterError(key: "overlap", message: "\(parameters.overlap) pixels of a tile of \(parameters.size)")
    }
    self.parameters = parameters
    filter = try RecordFilter(parameters.where)
  }

  /// The content of every file in the listing, of the tables that list them, and the key (as a digest of it).
  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    let items = try listing(environment).items()
    var count = 0
    let files = try environment.digest(ofSorted: {
      guard let item = try items.next() else { return nil }
      count += 1
      return switch item {
      case .file(let entry): ListedFile(name: entry.path, path: entry.file)
      case .rejected(let rejection): ListedFile(name: rejection.path, otherwise: rejection.code.rawValue)
      }
    })
    counted.value = count
    let tables = inputs(environment).filter { $0.pathExtension.lowercased() == "csv" }
    var digests = [
      "files": files,
      "tables": environment.digest(ofFiles: tables.enumerated().map { (String($0), $1) }),
      "identifier_key": SHA256.hash(data: key(environment)).map { String(format: "%02x", $0) }.joined(),
    ]
    if keepsIdentifiers(environment) { digests["identifiers"] = "as written" }
    if environment.hidesPaths { digests["paths"] = "hidden" }
    return digests
  }

  private func keepsIdentifiers(_ environment: StageEnvironment) -> Bool {
    environment.values[IngestStage.keepIdentifiersKey] == "true"
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let settings = settings(context.environment)
    try MemoryPromise(context).need(
      settings.memory(threads: context.workers), for: "\(context.workers) readers at \(parameters.size) pixels")
    let listing = try listing(context.environment, spill: output)
    let decoder = try DecoderPool(.thisProgram, children: context.workers)
    let hasher = IdentifierHasher(
      key: key(context.environment), keepsIdentifiers: keepsIdentifiers(context.environment))
    let total = counted.value
    let known = context.environment.knownDigests()
    let taken = try Ingest(settings, decoder: decoder, hasher: hasher)(
      listing, spill: output, on: WorkerPool(threads: context.workers),
      digest: { known.digest(of: $0.file) }, isCancelled: context.isCancelled
    ) {
      context.report(StageProgress(done: $0, total: max(total, $0), unit: "files"))
    }
    try context.checkCancellation()
    if taken.count == 0 { throw NothingToSort(rejections: taken.rejectionCounts) }
    try write(taken, settings, to: output)
    context.note("images \(taken.count)")
    context.note("rejected \(taken.rejected)")
    context.note("copies \(taken.duplicates)")
    context.note("hidden_files_passed_over \(taken.hidden)")
    context.note("links_passed_over \(taken.passedOverLinks)")
  }

  private func write(_ taken: IngestedPictures, _ settings: IngestSettings, to output: URL) throws {
    let names = ImagesFile.Names(
      count: taken.count, longestID: taken.longestID, longestPath: taken.longestPath
    ) { body in try taken.forEachPicture { try body($0.record.id, $0.record.path) } }
    let images = output.appending(path: "images.h5")
    func write<Sample: HDF5Element>(_: Sample.Type) throws {
      try ImagesFile.write(
        Sample.self, names: names, channels: taken.channels, height: settings.preprocessing.size,
        width: settings.preprocessing.size, preprocessing: settings.canonicalDescription, to: images
      ) { writer in
        try taken.forEachPixels { try $0.withMemoryRebound(to: Sample.self) { try writer.append($0) } }
      }
    }
    if settings.bits == 8 { try write(UInt8.self) } else { try write(UInt16.self) }
    try ManifestTable.write(to: output.appending(path: "manifest.csv"), scores: taken.scoreNames) { append in
      try taken.forEachPicture { try append($0.record) }
    }
    try RejectionTable.write(to: output.appending(path: "rejected.csv")) { try taken.forEachRejection($0) }
    try CSVWriter.write(to: output.appending(path: "series.csv"), columns: SeriesTable.columns) { series in
      try CSVWriter.write(to: output.appending(path: "slices.csv"), columns: SlicesTable.columns) { slices in
        try taken.forEachSeries { record, rows in
          try SeriesTable.append(record, to: series)
          for row in rows { try SlicesTable.append(row, to: slices) }
        }
      }
    }
    try IngestedSlides.write(taken, settings, to: output)
    guard settings.hidesPaths else { return }
    // For the user alone, and never shown in a run's folder.
    let crosswalk = output.appending(path: "crosswalk.csv")
    try CSVWriter.write(to: crosswalk, columns: ["id", "path"], mode: 0o600) { writer in
      try taken.forEachPath { try writer.row([$0, $1]) }
    }
  }

  private func settings(_ environment: StageEnvironment) -> IngestSettings {
    var reading = ReadingOptions()
    reading.clip = ClipSampling(
      ClipSampling.Method(rawValue: parameters.frames)!, rate: parameters.frame_rate, change: parameters.frame_change)
    reading.slices = parameters.slices.integer
    reading.tiles.scope = TileOptions.Scope(rawValue: parameters.tile)!
    reading.tiles.micrometresPerPixel = parameters.mpp
    reading.tiles.overlap = parameters.overlap
    reading.tiles.minimumTissue = parameters.min_tissue
    reading.tiles.limit = parameters.max_tiles.integer
    reading.tiles.onMissingResolution = TileOptions.MissingResolution(rawValue: parameters.on_missing_mpp)!
    reading.tiles.assumedMicrometresPerPixel = parameters.assumed_mpp
    reading.tiles.stain = TileOptions.StainNormalization(rawValue: parameters.stain)!
    reading.isExact = parameters.decode == "exact"
    var settings = IngestSettings(
      size: parameters.size, fit: Preprocessing.Fit(rawValue: parameters.fit)!, bits: parameters.bits, filter: filter,
      reading: reading)
    settings.hidesPaths = environment.hidesPaths
    return settings
  }

  private func inputs(_ environment: StageEnvironment) -> [URL] { parameters.from.words.map(environment.url) }

  private func listing(
    _ environment: StageEnvironment, spill: URL = FileManager.default.temporaryDirectory
  ) throws -> InputListing {
    let inputs = inputs(environment)
    for (input, word) in zip(inputs, parameters.from.words)
    where !FileManager.default.fileExists(atPath: input.path) {
      throw InputMissing(path: word)
    }
    return try InputListing(inputs, include: parameters.include, exclude: parameters.exclude, spill: spill) {
      url, body in
      var reader = try CSVReader(url)
      try body(reader.columns)
      while let row = try reader.next() { try body(row.cells) }
    }
  }

  /// - Precondition: the caller gave one: hashes under a key that everyone knows would hide no patient.
  private func key(_ environment: StageEnvironment) -> Data {
    guard let key = environment.secrets[IngestStage.identifierKey] else {
      preconditionFailure("the environment has no secret \(IngestStage.identifierKey)")
    }
    return key
  }
}

/// How many files the last listing had: what progress is measured by. Nothing else depends on it.
private final class FileCount: Sendable {
  private let count = Mutex(0)
  var value: Int {
    get { count.withLock { $0 } }
    set { count.withLock { $0 = newValue } }
  }
}

/// An archive in which no file could be used.
struct NothingToSort: Error, CustomStringConvertible {
  let rejections: [Rejection.Code: Int]

  var description: String {
    if rejections.isEmpty { return "there are no files to read" }
    let reasons = rejections.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }.map {
      "\($0.key.rawValue) \($0.value)"
    }
    return "none of the files could be used: \(reasons.joined(separator: ", "))"
  }
}
