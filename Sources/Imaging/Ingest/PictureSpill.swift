import Foundation
public import Records

/// Takes outcomes in their order and puts them on disk; then settles what only the whole archive tells: copies of files and equal pictures.
final class PictureSpill {
  private let folder: URL
  private let settings: IngestSettings
  private let hasher: IdentifierHasher
  private let rows: RecordFile
  private let pixels: RecordFile
  private let rejections: ExternalSort
  private let files: ExternalSort
  private var lastFile: ReadingFile?
  private var fileNumber = -1
  private var count = 0
  private var channels = 1
  private var rejectionCounts: [Rejection.Code: Int] = [:]
  private var scores: Set<String> = []
  private var hiddenEntries = 0
  private let encoder = JSONEncoder()

  init(in folder: URL, _ settings: IngestSettings, _ hasher: IdentifierHasher) throws {
    self.folder = folder
    self.settings = settings
    self.hasher = hasher
    rows = try RecordFile(in: folder)
    pixels = try RecordFile(in: folder)
    rejections = ExternalSort(in: folder, memory: 8 << 20)
    files = ExternalSort(in: folder, memory: 8 << 20)
  }

  func add(_ outcome: ReadingOutcome) throws {
    switch outcome.content {
    case .nothing: return
    case .hidden: hiddenEntries += 1
    case .rejected(let rejection):
      rejectionCounts[rejection.code, default: 0] += 1
      try rejections.add(key: rejection.path.utf8, value: try encoder.encode(rejection))
    case .picture(let picture, let samples, let file):
      if file !== lastFile {
        lastFile = file
        fileNumber += 1
        try files.add(key: Array(picture.fileDigest.utf8) + [0] + bytes(fileNumber))
      }
      scores.formUnion(picture.record.scores.keys)
      channels = max(channels, samples.channels)
      try rows.append(bytes(fileNumber) + encoder.encode(picture))
      try pixels.append(samples.bytes)
      count += 1
    }
  }

  /// - Complexity: O(n log n) for n pictures, twice through their rows.
  func finish(hidden: Int, passedOverLinks: Int) throws -> IngestedPictures {
    lastFile = nil
    try rows.flush()
    try pixels.flush()
    let copies = try copiesOfFiles()
    var result = IngestedPictures(
      settings: settings, hasher: hasher, folder: folder, rows: rows, pixels: pixels, copies: copies, duplicates: nil,
      rejections: try rejections.finish(), count: count, channels: channels, hidden: hidden + hiddenEntries,
      passedOverLinks: passedOverLinks, rejectionCounts: rejectionCounts, scoreNames: scores.sorted())
    let looks = ExternalSort(in: folder, memory: 16 << 20)
    var row = 0
    try result.forEachPicture { picture in
      result.longestID = max(result.longestID, picture.record.id.rawValue.utf8.count)
      result.longestPath = max(result.longestPath, picture.record.path.utf8.count)
      if !picture.renderedDigest.isEmpty {
        try looks.add(
          key: Array(picture.renderedDigest.utf8) + [0] + bytes(row), value: picture.record.id.rawValue.utf8)
      }
      row += 1
    }
    let duplicates = ExternalSort(in: folder, memory: 8 << 20)
    var sorted = try looks.finish().reader()
    var first: ExternalSort.Record?
    while let record = try sorted.next() {
      if let known = first, known.key.dropLast(8) == record.key.dropLast(8) {
        try duplicates.add(key: record.key.suffix(8), value: known.value)
        result.duplicates += 1
      } else {
        first = record
      }
    }
    result.duplicatesByRow = try duplicates.finish()
    return result
  }

  /// The numbers of files whose bytes an earlier one has too, each with how many there were with it.
  private func copiesOfFiles() throws -> ExternalSort.Sorted {
    let copies = ExternalSort(in: folder, memory: 8 << 20)
    var sorted = try files.finish().reader()
    var last: [UInt8] = []
    var copy = 0
    while let record = try sorted.next() {
      copy = record.key.dropLast(8).elementsEqual(last) ? copy + 1 : 1
      last = Array(record.key.dropLast(8))
      if copy > 1 { try copies.add(key: record.key.suffix(8), value: bytes(copy)) }
    }
    return try copies.finish()
  }
}

/// A whole number in 8 bytes that sort as it does.
private func bytes(_ number: Int) -> [UInt8] { withUnsafeBytes(of: UInt64(number).bigEndian) { Array($0) } }

private func number(_ bytes: some Sequence<UInt8>) -> Int { Int(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }) }

/// What `Ingest` took and refused, to be gone through as often as wanted; it lies on disk until it is let go of.
///
/// Pictures are in the order of the listing and, within a file, of the file; rejections in the order of their paths.
public struct IngestedPictures {
  let settings: IngestSettings
  let hasher: IdentifierHasher
  let folder: URL
  let rows: RecordFile
  let pixels: RecordFile
  let copies: ExternalSort.Sorted
  var duplicatesByRow: ExternalSort.Sorted?
  let rejections: ExternalSort.Sorted
  /// What headers alone told of the series that were sampled: see `SeriesSampling`.
  var sampledSeries: ExternalSort.Sorted?

  /// Pictures taken.
  public let count: Int
  /// Of all pictures: 3 if any has colour, else 1.
  public let channels: Int
  /// Hidden files and folders, and links to what is listed anyway, that were passed over.
  public let hidden: Int
  public let passedOverLinks: Int
  /// How many were refused, by reason.
  public let rejectionCounts: [Rejection.Code: Int]
  /// All names of scores, sorted.
  public let scoreNames: [String]
  /// Pictures that look like an earlier one.
  public fileprivate(set) var duplicates = 0
  /// Bytes of the longest id and the longest path.
  public fileprivate(set) var longestID = 0
  public fileprivate(set) var longestPath = 0

  init(
    settings: IngestSettings, hasher: IdentifierHasher, folder: URL, rows: RecordFile, pixels: RecordFile,
    copies: ExternalSort.Sorted, duplicates: ExternalSort.Sorted?, rejections: ExternalSort.Sorted, count: Int,
    channels: Int, hidden: Int, passedOverLinks: Int, rejectionCounts: [Rejection.Code: Int], scoreNames: [String]
  ) {
    self.settings = settings
    self.hasher = hasher
    self.folder = folder
    self.rows = rows
    self.pixels = pixels
    self.copies = copies
    duplicatesByRow = duplicates
    self.rejections = rejections
    self.count = count
    self.channels = channels
    self.hidden = hidden
    self.passedOverLinks = passedOverLinks
    self.rejectionCounts = rejectionCounts
    self.scoreNames = scoreNames
  }

  /// Files and pictures refused.
  public var rejected: Int { rejectionCounts.values.reduce(0, +) }

  /// The rows of the manifest, with what series are ordered by.
  ///
  /// An id is the first 16 digits of the file's SHA-256, `-2` for the second file with these bytes, and `#` with the picture's own name.
  public func forEachPicture(_ body: (TakenPicture) throws -> Void) throws {
    try forEachRow { picture, _ in try body(picture) }
  }

  /// The same, one series after the other in the order of their names (`TakenPicture.series`); within a series, in the order of the listing.
  /// `row` is the picture's place in that.
  public func forEachPictureBySeries(_ body: (_ row: Int, TakenPicture) throws -> Void) throws {
    let sort = ExternalSort(in: folder)
    let encoder = JSONEncoder()
    var row = 0
    try forEachPicture { picture in
      try sort.add(key: Array(picture.series.utf8) + [0] + bytes(row), value: try encoder.encode(picture))
      row += 1
    }
    var sorted = try sort.finish().reader()
    while let record = try sorted.next() {
      try body(number(record.key.suffix(8)), JSONDecoder().decode(TakenPicture.self, from: Data(record.value)))
    }
  }

  /// Each picture's samples as bytes: `channels` planes, grey repeated where others have colour.
  public func forEachPixels(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    var reader = pixels.reader()
    let plane = settings.preprocessing.size * settings.preprocessing.size * settings.bits / 8
    while var samples = try reader.next() {
      if samples.count == plane && channels == 3 { samples += samples + samples }
      try samples.withUnsafeBytes(body)
    }
  }

  /// The rows of the ledger. Where paths are hidden, each has a keyed hash in place of its path.
  public func forEachRejection(_ body: (Rejection) throws -> Void) throws {
    if !settings.hidesPaths { return try forEachTrueRejection(body) }
    // In the order of what is shown, which must not tell the order of the paths.
    let sort = ExternalSort(in: folder)
    let encoder = JSONEncoder()
    try forEachTrueRejection { rejection in
      var hidden = rejection
      hidden.path = name(of: rejection)
      try sort.add(key: hidden.path.utf8, value: try encoder.encode(hidden))
    }
    var sorted = try sort.finish().reader()
    while let record = try sorted.next() { try body(JSONDecoder().decode(Rejection.self, from: Data(record.value))) }
  }

  /// Who is who where paths are hidden: the id of each picture and of each rejection, and its path.
  public func forEachPath(_ body: (_ id: String, _ path: String) throws -> Void) throws {
    try forEachRow { picture, path in try body(picture.record.id.rawValue, path) }
    try forEachTrueRejection { try body(name(of: $0), $0.path) }
  }

  private func name(of rejection: Rejection) -> String { hasher(.path, rejection.path) }

  private func forEachTrueRejection(_ body: (Rejection) throws -> Void) throws {
    var reader = rejections.reader()
    while let record = try reader.next() { try body(JSONDecoder().decode(Rejection.self, from: Data(record.value))) }
  }

  private func forEachRow(_ body: (TakenPicture, _ path: String) throws -> Void) throws {
    var rows = rows.reader()
    var copies = copies.reader()
    var nextCopy = try copies.next()
    var duplicates = duplicatesByRow?.reader()
    var nextDuplicate = try duplicates?.next()
    let decoder = JSONDecoder()
    var row = 0
    while let record = try rows.next() {
      let file = Array(record.prefix(8))
      while let copy = nextCopy, copy.key.lexicographicallyPrecedes(file) { nextCopy = try copies.next() }
      var picture = try decoder.decode(TakenPicture.self, from: Data(record.dropFirst(8)))
      let copy = nextCopy.flatMap { $0.key == file ? "-\(number($0.value))" : nil } ?? ""
      let item = picture.item.isEmpty ? "" : "#" + picture.item
      picture.record.id = ImageID(picture.fileDigest.prefix(16) + copy + item)
      if let duplicate = nextDuplicate, number(duplicate.key) == row {
        picture.record.duplicateOf = ImageID(String(decoding: duplicate.value, as: UTF8.self))
        nextDuplicate = try duplicates?.next()
      }
      let path = picture.record.path
      if settings.hidesPaths { picture.record.path = picture.record.id.rawValue }
      try body(picture, path)
      row += 1
    }
  }
}
