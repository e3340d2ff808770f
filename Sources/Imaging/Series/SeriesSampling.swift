import Foundation
import Records
import Tensors

/// Which files of series of slices are read at all: of each stack so many, evenly spread, chosen by the headers alone.
///
/// Series are those of DICOM files of one frame whose headers say where they lie; everything else is read as it is, a series without geometry
/// too, which may be a set of films. Memory: one number of a bit for each file and the headers of one series; the rest waits on disk.
struct SeriesSampling {
  /// Files that are not read, by their number in the listing.
  private let leftOut: [UInt64]
  /// What was found of each series, by its identifier, as JSON.
  let series: ExternalSort.Sorted

  /// Headers that are read at a time.
  private static let portion = 512

  /// Reads all headers. - Throws: `SpillError`, `CancellationError`.
  init(
    _ listing: InputListing, _ settings: IngestSettings, slices: Int, decoder: any ImageDecoder,
    hasher: IdentifierHasher, spill: URL, on workers: WorkerPool, isCancelled: @Sendable () -> Bool
  ) throws {
    let headers = ExternalSort(in: spill)
    let encoder = JSONEncoder()
    let items = listing.items()
    var (number, isDone) = (0, false)
    while !isDone {
      if isCancelled() { throw CancellationError() }
      var entries: [InputListing.Entry] = []
      while entries.count < SeriesSampling.portion {
        guard let item = try items.next() else {
          isDone = true
          break
        }
        if case .file(let entry) = item { entries.append(entry) }
      }
      let (portion, first) = (entries, number)
      let found = try workers.map(jobs: portion.count) { job, _ in
        SeriesSampling.header(of: portion[job], first + job, settings, decoder, hasher)
      }
      for slice in found.compactMap({ $0 }) {
        try headers.add(key: Array(slice.series.utf8) + [0], value: try encoder.encode(slice))
      }
      number += entries.count
    }
    var leftOut = [UInt64](repeating: 0, count: (number + 63) / 64)

    let records = ExternalSort(in: spill)
    var current: [SeriesSlice] = []
    func settle() throws {
      guard let series = current.first?.series else { return }
      let order = SeriesOrder(current)
      if !order.problems.contains(.noGeometry) {
        let kept = Set(order.sample(slices))
        for (index, slice) in current.enumerated() where !kept.contains(index) {
          leftOut[slice.row / 64] |= 1 << UInt64(slice.row % 64)
        }
        try records.add(key: series.utf8, value: try encoder.encode(order.record(current)))
      }
      current = []
    }
    var sorted = try headers.finish().reader()
    while let record = try sorted.next() {
      let slice = try JSONDecoder().decode(SeriesSlice.self, from: Data(record.value))
      if slice.series != current.first?.series { try settle() }
      current.append(slice)
    }
    try settle()
    series = try records.finish()
    self.leftOut = leftOut
  }

  /// Whether the file of this number in the listing is left out.
  func leavesOut(_ number: Int) -> Bool {
    number / 64 < leftOut.count && leftOut[number / 64] >> UInt64(number % 64) & 1 == 1
  }

  /// The slice that a file is, if its header says so; a file that can't be read is left to those who say why.
  private static func header(
    of entry: InputListing.Entry, _ number: Int, _ settings: IngestSettings, _ decoder: any ImageDecoder,
    _ hasher: IdentifierHasher
  ) -> SeriesSlice? {
    guard let prefix = try? FilePrefix(entry.file), FileFormat(prefix: prefix.bytes) == .dicom,
      !prefix.isDirectoryOfDICOM,
      let summary = try? decoder.read(ReadRequest(entry.file, settings.reading, items: 0..<0), { _ in })
    else { return nil }
    let facts = summary.facts
    guard summary.count == 1, let place = facts.slice, !facts.seriesUID.isEmpty else { return nil }
    return SeriesSlice(
      series: hasher(.series, facts.seriesUID), study: hasher(.study, facts.studyUID), modality: facts.modality,
      row: number, columns: facts.width, rows: facts.height, place: place)
  }
}
