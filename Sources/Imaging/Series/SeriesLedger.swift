package import Foundation
package import Records

/// Gathers slices as they are met, and says of each series how it is ordered and what is odd about it.
///
/// Slices wait on disk, in 256 files by the first two digits of their series, and come back one file at a time: memory is that of the largest
/// series or of a 256th of the archive, whichever is more. (Identifiers that are kept as they are begin alike: then it is that of all slices.)
package final class SeriesLedger {
  private let folder: URL
  private var waiting = [Data](repeating: Data(), count: 256)
  private var waitingBytes = 0
  private var used = Set<Int>()
  private let encoder = JSONEncoder()

  private static let mostWaiting = 4 << 20

  /// - Parameter folder: for the waiting slices; made, and taken away with the ledger.
  package init(folder: URL) throws {
    self.folder = folder
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Notes a slice. One that was added before by its header alone (same path and item, no id) is now known by its id.
  package func add(_ slice: SeriesSlice) throws {
    let bucket = SeriesLedger.bucket(slice.series)
    waiting[bucket] += try encoder.encode(slice) + Data("\n".utf8)
    waitingBytes += 200
    if waitingBytes >= SeriesLedger.mostWaiting { try flush() }
  }

  /// Hands on every series in turn, sorted by its identifier, with its slices and their order. May be called again, after more was added too.
  package func forEachSeries(_ body: (_ slices: [SeriesSlice], _ order: SeriesOrder) throws -> Void) throws {
    try flush()
    for bucket in used.sorted() {
      let decoder = JSONDecoder()
      let lines = try Data(contentsOf: file(bucket)).split(separator: UInt8(ascii: "\n"))
      let slices = try lines.map { try decoder.decode(SeriesSlice.self, from: $0) }
      for (_, own) in Dictionary(grouping: slices, by: \.series).sorted(by: { $0.key < $1.key }) {
        let settled = SeriesLedger.settled(own)
        try body(settled, SeriesOrder(settled))
      }
    }
  }

  /// One entry a picture: where a file was added by its header and later by its pictures, the pictures stand.
  private static func settled(_ slices: [SeriesSlice]) -> [SeriesSlice] {
    let named = Set(slices.lazy.filter { !$0.id.isEmpty }.map(\.path))
    return slices.filter { !$0.id.isEmpty || !named.contains($0.path) }
  }

  private func flush() throws {
    for bucket in waiting.indices where !waiting[bucket].isEmpty {
      if used.insert(bucket).inserted { try Data().write(to: file(bucket)) }
      let handle = try FileHandle(forWritingTo: file(bucket))
      defer { try? handle.close() }
      try handle.seekToEnd()
      try handle.write(contentsOf: waiting[bucket])
      waiting[bucket] = Data()
    }
    waitingBytes = 0
  }

  private func file(_ bucket: Int) -> URL { folder.appending(path: "slices-\(bucket).jsonl") }

  private static func bucket(_ series: String) -> Int {
    let digits = series.prefix(2)
    return digits.utf8.count == 2 ? Int(digits, radix: 16).map { $0 & 255 } ?? 0 : 0
  }
}

extension SeriesOrder {
  /// The row of `series.csv`.
  package func record(_ slices: [SeriesSlice]) -> SeriesRecord {
    let taken = members.filter { !slices[$0.slice].id.isEmpty }
    // What is shown must be in the manifest: the middle of what was taken.
    let middle = SeriesOrder.middle(of: taken)
    return SeriesRecord(
      series: slices.first?.series ?? "", study: slices.first?.study ?? "", modality: slices.first?.modality ?? "",
      slices: slices.count, taken: taken.count, stacks: stacks, timePoints: timePoints, spacing: spacing.map(rounded),
      thickness: thickness.map(rounded), tilt: rounded(tilt), missing: missing, incomplete: incomplete,
      repeated: repeated, problems: problems, firstID: taken.first.map { slices[$0.slice].id } ?? "",
      middleID: middle.map { slices[$0].id } ?? "",
      missingAfter: gaps.map { "\(NumberText.text(rounded($0.position))):\($0.missing)" })
  }

  /// The rows of `slices.csv`: those slices that are in the manifest, numbered.
  package func sliceRecords(_ slices: [SeriesSlice]) -> [SliceRecord] {
    let taken = members.filter { !slices[$0.slice].id.isEmpty }
    let middle = SeriesOrder.middle(of: taken)
    return taken.enumerated().map { number, member in
      SliceRecord(
        series: slices[member.slice].series, number: number, id: ImageID(slices[member.slice].id), stack: member.stack,
        timePoint: member.timePoint, position: member.distance.map(rounded),
        repeats: member.repeats.flatMap { slices[$0].id.isEmpty ? nil : ImageID(slices[$0].id) },
        isMiddle: member.slice == middle)
    }
  }

  /// To a thousandth: positions are written no finer, and the last digits of a cosine mean nothing.
  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
