public import Foundation
import Records
public import Tensors

/// Reads a listing of files: a record and pixels for each picture taken, a rejection for each file or picture that is not.
///
///     let ingest = Ingest(IngestSettings(size: 64), decoder: pool, hasher: IdentifierHasher(key: key))
///     let taken = try ingest(InputListing([folder], readTable: table), spill: folder, on: WorkerPool(threads: 2))
///     try taken.forEachRecord { record in … }
///
/// A unit of work is a file and a range of its pictures, so that all threads share one large slide. Results are those of one thread going
/// through the listing, whatever the number of threads. A file that cannot be read is a rejection, never an error.
///
/// Memory: a few hundred pictures, whatever the number of files; the rest waits on disk in `spill`, in files without a name.
public struct Ingest: Sendable {
  private let settings: IngestSettings
  private let decoder: any ImageDecoder
  private let hasher: IdentifierHasher

  public init(_ settings: IngestSettings, decoder: any ImageDecoder, hasher: IdentifierHasher) {
    self.settings = settings
    self.decoder = decoder
    self.hasher = hasher
  }

  /// Reads everything.
  ///
  /// - Parameters:
  ///   - spill: a folder on a disk with room for the pixels.
  ///   - digest: the SHA-256 of a file's bytes where it is known, so that they are not read twice. Asked in the order of the listing, by one
  ///     thread at a time.
  ///   - isCancelled: asked before each unit of work.
  ///   - progress: is told how many files are done, by one thread at a time, rising.
  /// - Throws: `SpillError`; `CancellationError`.
  public func callAsFunction(
    _ listing: InputListing, spill: URL, on workers: WorkerPool,
    digest: @escaping @Sendable (InputListing.Entry) -> String? = { _ in nil },
    isCancelled: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (_ files: Int) -> Void = { _ in }
  ) throws -> IngestedPictures {
    let collected = try PictureSpill(in: spill, settings, hasher)
    let spool = SpoolFolder(in: spill)
    let sampling = try settings.reading.slices.map {
      try SeriesSampling(
        listing, settings, slices: $0, decoder: decoder, hasher: hasher, spill: spill, on: workers,
        isCancelled: isCancelled)
    }
    let items = listing.items()
    var files = 0
    let queue = UnitQueue<ReadingUnit, ReadingOutcome>(
      ListingSource(items, step: settings.picturesAtATime, digest: digest, sampling: sampling),
      unitWeight: settings.picturesAtATime, limit: settings.picturesHeld(threads: workers.threads)
    ) { outcome in
      if outcome.endsFile {
        files += 1
        progress(files)
      }
      try collected.add(outcome)
    }
    let reading = Reading(settings: settings, decoder: decoder, hasher: hasher, spool: spool)
    try workers.runThrowing(jobs: workers.threads) { _, _ in
      try queue.work { unit in
        if isCancelled() { throw CancellationError() }
        return try reading.read(unit)
      }
    }
    var taken = try collected.finish(hidden: items.hidden, passedOverLinks: items.passedOverLinks)
    taken.sampledSeries = sampling?.series
    return taken
  }
}

/// What `Ingest` makes of the files it is given.
public struct IngestSettings: Sendable, Hashable {
  /// How files are read; its `preprocessing` is the one below.
  public var reading: ReadingOptions
  /// Bits a sample is kept with: 8 or 16.
  public var bits: Int
  public var filter: RecordFilter
  /// Whether records and rejections hold ids in place of paths.
  public var hidesPaths = false
  public let preprocessing: Preprocessing

  /// - Precondition: `bits` is 8 or 16.
  public init(
    size: Int, fit: Preprocessing.Fit = .pad, bits: Int = 8, filter: RecordFilter = RecordFilter(),
    reading: ReadingOptions = ReadingOptions()
  ) {
    precondition(bits == 8 || bits == 16, "\(bits) bits a sample")
    preprocessing = Preprocessing(size: size, fit: fit)
    self.reading = reading
    self.reading.preprocessing = preprocessing
    self.reading.tiles.size = size
    self.bits = bits
    self.filter = filter
  }

  /// One line of canonical JSON, the whole of what was done to pixels, for `Provenance.preprocessing`.
  public var canonicalDescription: String {
    let stain = reading.tiles.stain == .none ? "" : #","stain":"\#(reading.tiles.stain.rawValue)""#
    return #"{"bits":\#(bits),"resize":\#(preprocessing.canonicalDescription)\#(stain)}"#
  }

  /// Bytes of one picture of three channels, as it is kept.
  private var pictureBytes: Int { 3 * preprocessing.size * preprocessing.size * bits / 8 }

  /// Pictures of a file that are asked for at a time: 32, fewer of large ones.
  var picturesAtATime: Int { min(max((16 << 20) / pictureBytes, 1), 32) }

  /// Pictures that may wait for their turn: 96 MiB, or what keeps all threads at work.
  func picturesHeld(threads: Int) -> Int { max((96 << 20) / pictureBytes, (threads + 1) * picturesAtATime) }

  /// Bytes that reading needs at most, whatever the number of files; decoders' own memory is theirs.
  public func memory(threads: Int) -> Int {
    picturesHeld(threads: threads) * pictureBytes + threads * 12 * preprocessing.size * preprocessing.size * 2
      + (128 << 20)
  }
}
