import Records

/// Which pictures become one row, in which order, and which of them speaks for all.
struct PoolGroups {
  enum By: String, CaseIterable { case series, study, patient, file, slide }

  struct Group: Equatable {
    /// The keyed hash that the members share, or the file's digest.
    var name: String
    /// Rows of the manifest: by series, then in the order of the body, then by content.
    var rows: [Int]
    /// The row of the picture that speaks for all.
    var middle: Int
  }

  /// In the order of the manifest, by the rows of their middles.
  let groups: [Group]

  /// - Parameter slices: the order of slices in their series, where `ingest` could tell.
  init(_ by: By, _ manifest: [ImageRecord], _ slices: [SliceRecord]) {
    let places = Dictionary(slices.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var members: [String: [Int]] = [:]
    for row in manifest.indices {
      members[PoolGroups.key(by, manifest[row], places[manifest[row].id]), default: []].append(row)
    }
    let files = manifest.map { PoolGroups.file($0.id) }
    groups = members.map { key, rows in
      func series(_ row: Int) -> String {
        if let place = places[manifest[row].id] { return place.series }
        return manifest[row].series.isEmpty ? files[row] : manifest[row].series
      }
      func precedes(_ a: Int, _ b: Int) -> Bool {
        let (x, y) = (manifest[a].id, manifest[b].id)
        return (series(a), places[x]?.number ?? .max, files[a], a) < (series(b), places[y]?.number ?? .max, files[b], b)
      }
      let ordered = rows.sorted(by: precedes)
      let shown = ordered.filter { places[manifest[$0].id]?.isMiddle == true }
      // Of several series the middle one.
      let middle = shown.isEmpty ? ordered[ordered.count / 2] : shown[shown.count / 2]
      return Group(name: String(key.dropFirst(2)), rows: ordered, middle: middle)
    }.sorted { $0.middle < $1.middle }
  }

  /// What pictures of one group share. A word before it keeps a series from being taken for a patient.
  private static func key(_ by: By, _ record: ImageRecord, _ place: SliceRecord?) -> String {
    if by == .patient, !record.patient.isEmpty { return "p " + record.patient }
    if by == .patient || by == .study, !record.study.isEmpty { return "t " + record.study }
    if [.patient, .study, .series].contains(by) {
      let series = place?.series ?? record.series
      if !series.isEmpty { return "s " + series }
    }
    return "f " + file(record.id)
  }

  /// The id of the file that holds a picture: what stands before `#`.
  private static func file(_ id: ImageID) -> String { String(id.rawValue.prefix { $0 != "#" }) }
}
