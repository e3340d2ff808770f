import Foundation
import Records

/// A file on its way through `Ingest`: known to all units that read its pictures.
final class ReadingFile: @unchecked Sendable {
  let entry: InputListing.Entry
  /// Where the bytes are: the file itself, or an archive's entry in the spool, which is deleted with its last unit.
  let place: String
  /// SHA-256 of its bytes; set before any unit but the first is made.
  var digest: String?
  var count = 1
  let isArchiveEntry: Bool
  private let spooled: SpooledFile?

  init(_ entry: InputListing.Entry, digest: String?, spooled: SpooledFile? = nil) {
    self.entry = entry
    self.digest = digest
    self.spooled = spooled
    place = spooled?.path ?? entry.file
    isArchiveEntry = spooled != nil
  }
}

/// Some pictures of one file.
struct ReadingUnit {
  let file: ReadingFile
  let items: Range<Int>
  var isFirst: Bool { items.lowerBound == 0 }
}

/// What became of a picture, or of a file as a whole.
struct ReadingOutcome {
  enum Content {
    case picture(TakenPicture, QuantisedPixels, of: ReadingFile)
    case rejected(Rejection)
    /// An archive that was gone through; its entries speak for themselves.
    case nothing
    /// A hidden entry of an archive.
    case hidden
  }

  var content: Content
  /// Whether a file of the listing is done with it, or with the unit it belongs to: for progress.
  var endsFile = false
}

/// The files of a listing, the first pictures of each.
final class ListingSource: UnitSource {
  private let items: InputListing.Items
  private let step: Int
  private let digest: (InputListing.Entry) -> String?
  private let sampling: SeriesSampling?
  /// Files so far.
  private var number = 0

  init(
    _ items: InputListing.Items, step: Int, digest: @escaping (InputListing.Entry) -> String?,
    sampling: SeriesSampling? = nil
  ) {
    self.items = items
    self.step = step
    self.digest = digest
    self.sampling = sampling
  }

  func next() throws -> Pulled<ReadingUnit, ReadingOutcome> {
    switch try items.next() {
    case nil: return .finished
    case .rejected(let rejection): return .outcome(ReadingOutcome(content: .rejected(rejection), endsFile: true))
    case .file(let entry):
      number += 1
      if sampling?.leavesOut(number - 1) == true {
        let rejection = Rejection(
          path: entry.path, code: .notSampled, message: "its series is represented by other slices", stage: "ingest")
        return .outcome(ReadingOutcome(content: .rejected(rejection), endsFile: true))
      }
      return .unit(ReadingUnit(file: ReadingFile(entry, digest: digest(entry)), items: 0..<step))
    }
  }
}

/// The pictures of a file after its first.
final class RestOfFile: UnitSource {
  private let file: ReadingFile
  private let step: Int
  private var place: Int

  init(_ file: ReadingFile, from next: Int, step: Int) {
    self.file = file
    place = next
    self.step = step
  }

  func next() -> Pulled<ReadingUnit, ReadingOutcome> {
    if place >= file.count { return .finished }
    let items = place..<min(place + step, file.count)
    place = items.upperBound
    return .unit(ReadingUnit(file: file, items: items))
  }
}

/// Reads units: the part of `Ingest` that every thread does by itself.
struct Reading: Sendable {
  let settings: IngestSettings
  let decoder: any ImageDecoder
  let hasher: IdentifierHasher
  let spool: SpoolFolder

  typealias Result = (outcomes: [ReadingOutcome], rest: (any UnitSource<ReadingUnit, ReadingOutcome>)?)

  func read(_ unit: ReadingUnit) throws -> Result {
    let file = unit.file
    if unit.isFirst, let special = try special(file) { return special }
    var options = settings.reading
    options.micrometresPerPixel = file.entry.micrometresPerPixel
    let request = ReadRequest(file.place, options, items: unit.items, wantsFileDigest: file.digest == nil)
    var received: [ReadItem] = []
    do throws(DecodeFailure) {
      // Floats are four times what is kept: they go as they come.
      var pixels: [Int: QuantisedPixels] = [:]
      let summary = try decoder.read(request) { item in
        var item = item
        if case .success(var image) = item.outcome {
          pixels[item.index] = QuantisedPixels(image, bits: settings.bits)
          image.drop()
          item.outcome = .success(image)
        }
        received.append(item)
      }
      if unit.isFirst {
        // A child that died of a picture leaves the digest to us.
        file.digest = file.digest ?? summary.fileDigest
        if file.digest == nil { file.digest = try ContentDigest.ofFile(file.place) }
        file.count = summary.count
        if summary.count == 0 { throw DecodeFailure(.noPixels, "the file holds no picture") }
      }
      var outcomes = received.map { outcome($0, pixels[$0.index], file) }
      outcomes[0].endsFile = unit.isFirst && !file.isArchiveEntry
      if unit.isFirst && summary.count > unit.items.upperBound {
        return (outcomes, RestOfFile(file, from: unit.items.upperBound, step: settings.picturesAtATime))
      }
      return (outcomes, nil)
    } catch {
      // Nothing of a file that fails at once is taken. Later its pictures are gone by: only those of this unit are lost.
      if unit.isFirst { return ([reject(file, error, endsFile: !file.isArchiveEntry)], nil) }
      return (unit.items.map { reject(file, error, item: String($0)) }, nil)
    }
  }

  /// What is no picture file: an archive, or an index of other files.
  private func special(_ file: ReadingFile) throws -> Result? {
    guard let prefix = try? FilePrefix(file.place) else { return nil }
    if prefix.isDirectoryOfDICOM {
      return (
        [
          reject(
            file, DecodeFailure(.indexFile, "a DICOMDIR: the files it names are read by themselves"), endsFile: true)
        ], nil
      )
    }
    guard FileFormat(prefix: prefix.bytes) == nil, let format = ArchiveFormat(prefix: prefix.bytes) else { return nil }
    if file.isArchiveEntry {
      return ([reject(file, DecodeFailure(.nestedArchive, "an archive within an archive"))], nil)
    }
    return (
      [ReadingOutcome(content: .nothing, endsFile: true)],
      ArchiveSource(file, format, spool: spool, step: settings.picturesAtATime)
    )
  }

  private func reject(
    _ file: ReadingFile, _ failure: DecodeFailure, item: String? = nil, endsFile: Bool = false
  ) -> ReadingOutcome {
    let rejection = Rejection(
      path: file.entry.path + (item.map { "#" + $0 } ?? ""), code: failure.code, message: failure.message,
      stage: "ingest")
    return ReadingOutcome(content: .rejected(rejection), endsFile: endsFile)
  }

  private func outcome(_ item: ReadItem, _ pixels: QuantisedPixels?, _ file: ReadingFile) -> ReadingOutcome {
    let isOne = file.count == 1
    switch item.outcome {
    case .failure(let failure): return reject(file, failure, item: isOne ? nil : String(item.index))
    case .success(let image):
      let name = image.facts.item.isEmpty && !isOne ? String(item.index) : image.facts.item
      let picture = TakenPicture(image.facts, item: name, of: file, hasher)
      if let field = settings.filter.firstMismatch(picture.record) {
        let failure = DecodeFailure(.filteredOut, "its \(field) is not asked for")
        return reject(file, failure, item: name.isEmpty ? nil : name)
      }
      return ReadingOutcome(content: .picture(picture, pixels!, of: file))
    }
  }
}

extension DecodedImage {
  /// Lets go of the pixels; the facts stay.
  fileprivate mutating func drop() {
    (pixels, height, width) = ([], 0, 0)
  }
}

/// The first bytes of a file.
struct FilePrefix {
  let bytes: [UInt8]

  /// - Throws: `DecodeFailure`. A pipe is not opened.
  init(_ path: String) throws(DecodeFailure) {
    _ = try FileState(path)
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { throw FileState.failure(errno) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: FileFormat.prefixLength)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    if count < 0 { throw FileState.failure(errno) }
    self.bytes = Array(bytes[..<count])
  }

  /// Media Storage Directory Storage as the Media Storage SOP Class in the file's meta information (PS3.10, 8.6; PS3.4, I).
  var isDirectoryOfDICOM: Bool {
    guard bytes.count > 132, bytes[128..<132].elementsEqual("DICM".utf8) else { return false }
    let identifier = [2, 0, 2, 0] + Array("UI".utf8) + [20, 0] + Array("1.2.840.10008.1.3.10".utf8)
    return bytes.indices.contains { bytes[$0] == 2 && bytes[$0...].starts(with: identifier) }
  }
}
