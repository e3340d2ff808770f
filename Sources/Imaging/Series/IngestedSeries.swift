import Foundation
public import Records

extension IngestedPictures {
  /// The rows of `series.csv` and of `slices.csv`, one series after the other: files that are series of their own first, in the order of
  /// the listing, then the others by their identifiers. A single picture that does not say where it lies is no series.
  ///
  /// Memory: the records of one series.
  public func forEachSeries(_ body: (SeriesRecord, [SliceRecord]) throws -> Void) throws {
    var found = sampledSeries?.reader()
    var next = try found?.next()
    func decoded(_ record: ExternalSort.Record) throws -> SeriesRecord {
      try JSONDecoder().decode(SeriesRecord.self, from: Data(record.value))
    }
    var current: [SeriesSlice] = []
    var isFile = false
    func settle() throws {
      guard let series = current.first?.series else { return }
      defer { current = [] }
      // Series of which nothing was taken come where they stand in the order.
      while let record = next, !isFile, record.key.lexicographicallyPrecedes(series.utf8) {
        try body(decoded(record), [])
        next = try found?.next()
      }
      let order = SeriesOrder(current)
      var row = order.record(current)
      if !isFile, let record = next, record.key.elementsEqual(series.utf8) {
        var all = try decoded(record)
        (all.taken, all.firstID, all.middleID) = (row.taken, row.firstID, row.middleID)
        // Headers are counted once, pictures that no header pass saw (of archives, of several frames) beside them.
        all.slices = max(all.slices, row.slices)
        row = all
        next = try found?.next()
      } else if current.count == 1 && order.problems.contains(.noGeometry) {
        return
      }
      try body(row, order.sliceRecords(current))
    }
    try forEachPictureBySeries { row, picture in
      guard let place = picture.slice else { return }
      let record = picture.record
      let file = String(record.id.rawValue.prefix { $0 != "#" })
      let slice = SeriesSlice(
        series: record.series.isEmpty ? file : record.series, study: record.study, modality: record.modality,
        id: record.id.rawValue, row: row, frame: record.frame ?? 0, columns: record.width, rows: record.height,
        place: place)
      if slice.series != current.first?.series { try settle() }
      isFile = record.series.isEmpty
      current.append(slice)
    }
    try settle()
    while let record = next {
      try body(decoded(record), [])
      next = try found?.next()
    }
  }
}
