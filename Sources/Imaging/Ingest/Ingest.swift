public import Records
import Synchronization
public import Tensors

/// Reads a listing of files into one stack of pixels, with a record for each image taken and a rejection for each that is not.
///
///     let ingest = Ingest(IngestSettings(size: 64), decoder: pool, hasher: IdentifierHasher(key: key))
///     let result = ingest(try InputListing([folder], readTable: csv), on: WorkerPool(threads: 2))
///
/// Order is that of the listing whatever the number of threads. It never throws: a file that cannot be read is a rejection.
public struct Ingest: Sendable {
  private let settings: IngestSettings
  private let decoder: any ImageDecoder
  private let hasher: IdentifierHasher

  public init(_ settings: IngestSettings, decoder: any ImageDecoder, hasher: IdentifierHasher) {
    self.settings = settings
    self.decoder = decoder
    self.hasher = hasher
  }

  /// `records[i]` describes image `i` of `stack`; both in path order. `rejections` is sorted by path and holds the listing's too.
  public struct Result: Sendable {
    public var records: [ImageRecord]
    public var rejections: [Rejection]
    public var stack: PixelStack
  }

  /// Reads everything. `progress(done, total)` is called from the threads, one at a time, `done` rising.
  ///
  /// Memory: the pixels twice while the stack is put together.
  public func callAsFunction(
    _ listing: InputListing, on workers: WorkerPool,
    progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) -> Result {
    let entries = listing.entries
    let outcomes = Mutex([Outcome?](repeating: nil, count: entries.count))
    let done = Mutex(0)
    workers.run(jobs: entries.count) { job, _ in
      let outcome = read(entries[job])
      outcomes.withLock { $0[job] = outcome }
      done.withLock {
        $0 += 1
        progress($0, entries.count)
      }
    }
    var images: [(record: ImageRecord, look: String, pixels: QuantisedPixels)] = []
    var rejections = listing.rejections
    for outcome in outcomes.withLock({ outcomes in outcomes.compactMap { $0 } }) {
      switch outcome {
      case .image(let record, let look, let pixels): images.append((record, look, pixels))
      case .rejected(let rejection): rejections.append(rejection)
      }
    }
    var records = images.map(\.record)
    Ingest.settleIdentity(of: &records, looks: images.map(\.look))
    rejections.sort { $0.path < $1.path }
    let stack = QuantisedPixels.stack(images.map(\.pixels), size: settings.preprocessing.size, bits: settings.bits)
    return Result(records: records, rejections: rejections, stack: stack)
  }

  private enum Outcome {
    case image(ImageRecord, look: String, QuantisedPixels)
    case rejected(Rejection)
  }

  private func read(_ entry: InputListing.Entry) -> Outcome {
    func reject(_ code: Rejection.Code, _ message: String) -> Outcome {
      .rejected(Rejection(path: entry.path, code: code, message: message, stage: "ingest"))
    }
    do throws(DecodeFailure) {
      var first: Swift.Result<DecodedImage, DecodeFailure>?
      let request = ReadRequest(entry.file.path, ReadingOptions(settings.preprocessing), items: 0..<1)
      let summary = try decoder.read(request) { first = $0.outcome }
      guard let image = try first?.get() else { throw DecodeFailure(.noPixels, "the file holds no picture") }
      let record = record(entry, summary, image.facts)
      if let field = settings.filter.firstMismatch(record) {
        return reject(.filteredOut, "its \(field) is not asked for")
      }
      return .image(record, look: image.facts.renderedDigest, QuantisedPixels(image, bits: settings.bits))
    } catch {
      return reject(error.code, error.message)
    }
  }

  /// The row of the manifest. The id is that of the bytes alone; copies are told apart later.
  private func record(_ entry: InputListing.Entry, _ summary: FileSummary, _ facts: ImageFacts) -> ImageRecord {
    var record = ImageRecord(
      id: ImageID(String((summary.fileDigest ?? "").prefix(16))), path: entry.path, kind: facts.kind.rawValue,
      width: facts.width,
      height: facts.height, frames: facts.frames, bits: facts.bits, samples: facts.samples,
      pixelDigest: facts.pixelDigest)
    record.modality = facts.modality
    record.bodyPart = facts.bodyPart
    record.view = facts.view
    record.patient = hasher(.patient, entry.patient ?? facts.patientID)
    record.study = hasher(.study, facts.studyUID)
    record.series = hasher(.series, facts.seriesUID)
    record.site = entry.site ?? hasher(.site, facts.institution)
    record.micrometresPerPixel = entry.micrometresPerPixel
    record.flags = facts.flags
    return record
  }

  /// Gives copies of one file the suffixes `-2`, `-3` in path order, and names the first image with equal pixels.
  private static func settleIdentity(of records: inout [ImageRecord], looks: [String]) {
    var seen: [ImageID: Int] = [:]
    var firstOfLook: [String: ImageID] = [:]
    for i in records.indices {
      let content = records[i].id
      seen[content, default: 0] += 1
      if let copy = seen[content], copy > 1 { records[i].id = ImageID("\(content)-\(copy)") }
      let look = looks[i]
      if let first = firstOfLook[look] {
        records[i].duplicateOf = first
      } else {
        firstOfLook[look] = records[i].id
      }
    }
  }
}

/// What `Ingest` makes of the files it is given.
public struct IngestSettings: Sendable, Hashable {
  public var preprocessing: Preprocessing
  /// Bits a sample is kept with: 8 or 16.
  public var bits: Int
  public var filter: RecordFilter

  /// - Precondition: `bits` is 8 or 16.
  public init(size: Int, fit: Preprocessing.Fit = .pad, bits: Int = 8, filter: RecordFilter = RecordFilter()) {
    precondition(bits == 8 || bits == 16, "\(bits) bits a sample")
    preprocessing = Preprocessing(size: size, fit: fit)
    self.bits = bits
    self.filter = filter
  }

  /// One line of canonical JSON, the whole of what was done to pixels, for `Provenance.preprocessing`.
  public var canonicalDescription: String { #"{"bits":\#(bits),"resize":\#(preprocessing.canonicalDescription)}"# }
}
