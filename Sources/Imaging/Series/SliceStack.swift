import Records

/// Slices of one series in parallel planes of one size: sorted along the normal, parted by time, and judged.
struct SliceStack {
  /// One slice in its place.
  struct Member {
    /// Its number among the slices of the series.
    var slice: Int
    /// The number of its place along the normal, from 0, and of its time point.
    var place: Int
    var timePoint: Int
    /// Millimetres along the normal; nil where the header does not say.
    var distance: Double?
    /// The slice at the same place and moment that it repeats.
    var repeats: Int?
  }

  /// By time point, then place; a repeated slice follows the one it repeats.
  private(set) var members: [Member] = []
  private(set) var timePoints = 1
  private(set) var spacing = SliceSpacing([], stated: [])
  /// Places that some time point lacks, all time points together.
  private(set) var incomplete = 0
  /// Degrees between the line through the places and the normal; nil for a single place.
  private(set) var angle: Double?
  /// Millimetres that a place lies off that line at most.
  private(set) var offLine = 0.0
  let hasGeometry: Bool

  /// Slices closer than this along the normal, in millimetres, lie at one place.
  private static let samePlace = 0.01

  /// - Parameter indices: slices of `slices` in order of `SeriesSlice.precedes`.
  init(_ indices: [Int], of slices: [SeriesSlice], _ geometry: [SliceGeometry?]) {
    guard let first = indices.first.flatMap({ geometry[$0] }) else {
      // Without geometry the order is that of the instance numbers, and nothing can be said to be missing or repeated.
      hasGeometry = false
      members = indices.enumerated().map { Member(slice: $1, place: $0, timePoint: 0) }
      return
    }
    hasGeometry = true
    place(indices.map { ($0, dot(geometry[$0]!.position, first.normal)) }, slices)
    settleTime(slices)
    measure(slices, geometry, first)
  }

  var repeated: Int { members.count { $0.repeats != nil } }

  /// Gives each slice the number of its place, and finds those that nothing tells apart.
  private mutating func place(_ found: [(slice: Int, distance: Double)], _ slices: [SeriesSlice]) {
    // The input is in canonical order, and so are equal distances.
    let sorted = found.enumerated().sorted {
      ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset)
    }.map(\.element)
    var (place, start) = (-1, -Double.infinity)
    var firsts: [Int] = []
    for (slice, distance) in sorted {
      if distance - start > SliceStack.samePlace {
        place += 1
        start = distance
        firsts = []
      }
      let original = firsts.first { slices[slice].repeats(slices[$0]) }
      if original == nil { firsts.append(slice) }
      members.append(Member(slice: slice, place: place, timePoint: 0, distance: distance, repeats: original))
    }
  }

  private mutating func settleTime(_ slices: [SeriesSlice]) {
    let originals = members.indices.filter { members[$0].repeats == nil }
    let times = TimePoints.assign(
      originals.map { slices[members[$0].slice] }, places: originals.map { members[$0].place })
    var ofSlice: [Int: Int] = [:]
    for (member, time) in zip(originals, times) {
      members[member].timePoint = time
      ofSlice[members[member].slice] = time
    }
    for member in members.indices {
      if let original = members[member].repeats { members[member].timePoint = ofSlice[original] ?? 0 }
    }
    timePoints = (times.max() ?? 0) + 1
    incomplete = timePoints * ((members.last?.place ?? -1) + 1) - originals.count
    members = members.enumerated().sorted {
      ($0.element.timePoint, $0.element.place, $0.offset) < ($1.element.timePoint, $1.element.place, $1.offset)
    }.map(\.element)
  }

  /// Spacing, tilt and straightness over the places, each seen once.
  private mutating func measure(_ slices: [SeriesSlice], _ geometry: [SliceGeometry?], _ first: SliceGeometry) {
    var positions: [Int: Member] = [:]
    for member in members where positions[member.place] == nil { positions[member.place] = member }
    let places = positions.values.sorted { $0.place < $1.place }
    let points = places.compactMap { geometry[$0.slice]?.position }
    guard let start = points.first, let end = points.last, points.count > 1, norm(end - start) > 0 else { return }
    let line = (end - start) / norm(end - start)
    let cosine = min(max(dot(line, first.normal), -1), 1)
    // The line's part in the plane over its part across: exact for small angles, where the arc cosine is not.
    angle = Angle.degrees(sine: norm(cross(line, first.normal)), cosine: cosine)
    offLine = points.map { norm(cross($0 - start, line)) }.max() ?? 0
    // Spacings are stated along the table, distances are taken across the plane.
    let stated = [\SlicePlace.spacing, \SlicePlace.thickness].compactMap { field in
      places.lazy.compactMap { slices[$0.slice].place[keyPath: field] }.first { $0.isFinite && $0 > 0 }
    }
    spacing = SliceSpacing(places.compactMap(\.distance), stated: stated.flatMap { [$0 * cosine, $0] })
  }
}
