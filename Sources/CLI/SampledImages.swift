import Foundation
import Imaging
import Tensors

/// A few images of a file or a folder, evenly spread, prepared as `ingest` does.
struct SampledImages {
  private(set) var stacks: [PixelStack] = []
  /// In words, what could not be read.
  private(set) var passedOver: String?

  /// - Throws: `DecoderPoolError`, `SpillError`, `InputListingError`.
  init(from path: String, size: Int, count: Int) throws {
    let pool = try DecoderPool(.thisProgram, children: 1)
    var options = ReadingOptions(Preprocessing(size: size))
    options.isExact = false
    options.tiles.size = size
    options.tiles.onMissingResolution = .assume
    let (files, unreadable) = try SampledImages.files(path)
    var failures = unreadable
    var untried = Array(files.indices)
    var taken: [Int: [PixelStack]] = [:]
    var held = 0
    // Where a file can't be read, its places are spread over those not yet tried.
    while held < count && !untried.isEmpty && failures.count < SampledImages.mostFailures {
      let missing = count - held
      let places = EvenSpread.places(missing, of: untried.count)
      let share = (missing + places.count - 1) / places.count
      for place in places where held < count {
        do throws(DecodeFailure) {
          let pictures = try SampledImages.pictures(files[untried[place]], options, min(share, count - held), pool)
          taken[untried[place]] = pictures
          held += pictures.count
        } catch {
          failures.append(error)
        }
      }
      let tried = Set(places.map { untried[$0] })
      untried.removeAll { tried.contains($0) }
    }
    stacks = files.indices.flatMap { taken[$0] ?? [] }
    if let first = failures.first {
      let others = failures.count > 1 ? "\(failures.count) files" : "a file"
      passedOver = "\(others) passed over; the first: \(first.code.rawValue): \(first.message)"
    }
  }

  /// A folder of other things is given up after so many.
  private static let mostFailures = 200

  /// All files, in the order of their paths, and what was named but can't be read.
  private static func files(_ path: String) throws -> ([String], [DecodeFailure]) {
    let listing = try InputListing([URL(filePath: path)]) { table, _ in
      throw InputListingError.noPathColumn(table: table.path)
    }
    let items = listing.items()
    var files: [String] = []
    var failures: [DecodeFailure] = []
    while let item = try items.next() {
      switch item {
      case .file(let entry): files.append(entry.file)
      case .rejected(let rejection): failures.append(DecodeFailure(rejection.code, rejection.message))
      }
    }
    return (files, failures)
  }

  private static func pictures(
    _ file: String, _ options: ReadingOptions, _ count: Int, _ pool: DecoderPool
  ) throws(DecodeFailure) -> [PixelStack] {
    let summary = try pool.read(ReadRequest(file, options, items: 0..<0, wantsFileDigest: false)) { _ in }
    if summary.count == 0 { throw DecodeFailure(.noPixels, "the file holds no picture") }
    var stacks: [PixelStack] = []
    for place in EvenSpread.places(count, of: summary.count) {
      var drawn: Result<DecodedImage, DecodeFailure>?
      _ = try pool.read(ReadRequest(file, options, items: place..<place + 1, wantsFileDigest: false)) {
        drawn = $0.outcome
      }
      if let image = try drawn?.get() { stacks.append(stack(image)) }
    }
    return stacks
  }

  private static func stack(_ image: DecodedImage) -> PixelStack {
    PixelStack(
      count: 1, channels: image.channels, height: image.height, width: image.width,
      samples: .bits16(image.pixels.map { UInt16(min(max($0, 0), 1) * 65535 + 0.5) }))
  }
}
