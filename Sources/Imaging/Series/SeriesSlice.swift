/// One slice as its series sees it: which one it is, how large, and where and when it was taken.
///
/// A slice is a file, or one frame of a file.
package struct SeriesSlice: Codable, Hashable, Sendable {
  /// The keyed hash of the series, or the file's id where a file is a series of its own.
  package var series: String
  package var study: String
  package var modality: String
  /// The picture's id; empty where only its header was read.
  package var id: String
  /// Its number in the listing, which is in the order of paths.
  package var row: Int
  /// Its number in its file.
  package var frame: Int
  package var columns: Int
  package var rows: Int
  package var place: SlicePlace

  package init(
    series: String, study: String = "", modality: String = "", id: String = "", row: Int, frame: Int = 0,
    columns: Int, rows: Int, place: SlicePlace
  ) {
    self.series = series
    self.study = study
    self.modality = modality
    self.id = id
    self.row = row
    self.frame = frame
    self.columns = columns
    self.rows = rows
    self.place = place
  }

  /// Order where geometry says nothing: instance and frame number, moments, then what the file holds, then what it is called.
  ///
  /// Names come last, so that renamed files keep their order wherever anything else tells them apart.
  static func precedes(_ a: SeriesSlice, _ b: SeriesSlice) -> Bool {
    if a.number != b.number { return a.number.lexicographicallyPrecedes(b.number) }
    if let order = Moments.order(a.place.moments, b.place.moments) { return order }
    return (a.file, a.row) < (b.file, b.row)
  }

  /// Instance number and frame number: they count on through a series as it was taken.
  var number: [Int] { [place.instance ?? .max, frame] }

  private var file: Substring { id.prefix { $0 != "#" } }

  /// Whether nothing in the headers tells one from the other, given that both lie at one place.
  func repeats(_ other: SeriesSlice) -> Bool { number == other.number && place.moments == other.place.moments }
}

/// What the headers say of time: lines of name and value (`acquisition_number=2`), sorted by name.
enum Moments {
  /// Which list comes first, by its first line that differs: numbers by size, anything else as text; nil for equal lists.
  static func order(_ a: [String], _ b: [String]) -> Bool? {
    for (x, y) in zip(a, b) where x != y {
      let (left, right) = (split(x), split(y))
      if left.name != right.name { return left.name < right.name }
      return precedes(left.value, right.value)
    }
    return a.count == b.count ? nil : a.count < b.count
  }

  static func split(_ line: String) -> (name: String, value: String) {
    guard let mark = line.firstIndex(of: "=") else { return (line, "") }
    return (String(line[..<mark]), String(line[line.index(after: mark)...]))
  }

  static func precedes(_ a: String, _ b: String) -> Bool {
    if let x = Double(a), let y = Double(b), x.isFinite, y.isFinite, x != y { return x < y }
    return a < b
  }
}
