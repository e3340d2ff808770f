import Foundation
package import Records

/// The slices of one series in the order of the body, and what is odd about them.
///
/// Slices in parallel planes (within 0.01 in every direction cosine), of one pixel spacing and size, form a stack. A stack is sorted by position
/// along its normal (row direction × column direction of its first slice; PS3.3 C.7.6.2.1.1), so from the feet up for axial slices; several slices
/// at one place are parted by their moments (temporal position, acquisition, trigger time, echo, b-value, instance number) into time
/// points. Names and the order of the input make no difference: where geometry is silent the instance number decides, and a name only where nothing
/// else is left.
package struct SeriesOrder: Sendable {
  /// One slice in its place.
  package struct Member: Sendable, Equatable {
    /// Its index in the input.
    package var slice: Int
    /// The number of its stack, and of its time point in it.
    package var stack: Int
    package var timePoint: Int
    /// Millimetres along the stack's normal; nil where the header does not say.
    package var distance: Double?
    /// Index of the slice that it repeats: the same place, the same moments, the same instance number.
    package var repeats: Int?
  }

  /// All slices: by stack, time point, place. A repeated slice follows the one it repeats.
  package let members: [Member]
  package let stacks: Int
  /// The most that any stack has.
  package let timePoints: Int
  /// Of the largest stack: millimetres between places across the plane, slice thickness, and degrees of tilt, 0 where there is none.
  package let spacing: Double?
  package let thickness: Double?
  package let tilt: Double
  /// Where slices are missing: after which slice (an index in the input), at how many millimetres along the normal, and how many.
  package let gaps: [(after: Int, position: Double, missing: Int)]
  /// Places that a time point lacks, all together.
  package let incomplete: Int
  package let repeated: Int
  /// In the order of `SeriesProblem`.
  package let problems: [SeriesProblem]

  /// Degrees from which on a stack counts as tilted, and millimetres off the line from which on it counts as bent.
  private static let tilted = 0.5
  private static let bent = 1.0

  /// - Complexity: O(n log n) for n slices; n² where each has a plane of its own, of which at most 1,000 are compared.
  package init(_ slices: [SeriesSlice]) {
    let geometry = slices.map { SliceGeometry($0.place) }
    let sorted = slices.indices.sorted { SeriesSlice.precedes(slices[$0], slices[$1]) }
    let groups = SeriesOrder.groups(sorted, slices, geometry)
    let stacks = groups.map { SliceStack($0, of: slices, geometry) }
    members = stacks.enumerated().flatMap { number, stack in
      stack.members.map {
        Member(slice: $0.slice, stack: number, timePoint: $0.timePoint, distance: $0.distance, repeats: $0.repeats)
      }
    }
    self.stacks = stacks.count
    timePoints = stacks.map(\.timePoints).max() ?? 0
    let main = stacks.max { $0.members.count < $1.members.count }
    spacing = main?.spacing.spacing
    let thicknesses = (main?.members ?? []).compactMap { slices[$0.slice].place.thickness }.filter(\.isFinite)
    thickness = thicknesses.isEmpty ? nil : SliceSpacing.median(thicknesses)
    let stated = (main?.members ?? []).compactMap { slices[$0.slice].place.gantryTilt }.first { $0.isFinite } ?? 0
    let measured = main?.angle ?? 0
    tilt =
      measured >= SeriesOrder.tilted ? measured : abs(stated) >= SeriesOrder.tilted ? min(abs(stated), 90) : 0
    gaps = stacks.flatMap { stack in
      stack.spacing.gaps.compactMap { gap in
        stack.members.first { $0.place == gap.after }.map { ($0.slice, $0.distance ?? 0, gap.missing) }
      }
    }
    incomplete = stacks.reduce(0) { $0 + $1.incomplete }
    repeated = stacks.reduce(0) { $0 + $1.repeated }

    var found: Set<SeriesProblem> = []
    if !gaps.isEmpty { found.insert(.missingSlices) }
    if incomplete > 0 { found.insert(.incompleteTimePoints) }
    if repeated > 0 { found.insert(.repeatedSlices) }
    if stacks.contains(where: \.spacing.isUneven) { found.insert(.unevenSpacing) }
    if timePoints > 1 { found.insert(.timePoints) }
    if tilt > 0 { found.insert(.tiltedGantry) }
    if stacks.contains(where: { $0.offLine > SeriesOrder.bent }) { found.insert(.notInLine) }
    let placed = groups.compactMap { $0.first }.filter { geometry[$0] != nil }
    let planes = placed.compactMap { geometry[$0] }
    if planes.dropFirst().contains(where: { !$0.isParallel(to: planes[0]) }) { found.insert(.mixedOrientations) }
    if Set(slices.map { [$0.rows, $0.columns] }).count > 1 { found.insert(.mixedSizes) }
    if let first = placed.first,
      placed.contains(where: { !SeriesOrder.haveOneSpacing(slices[$0], slices[first]) })
    {
      found.insert(.mixedPixelSpacing)
    }
    if stacks.contains(where: { !$0.hasGeometry }) {
      found.insert(stacks.contains(where: \.hasGeometry) ? .partialGeometry : .noGeometry)
    }
    if slices.contains(where: \.place.isMosaic) { found.insert(.mosaic) }
    problems = SeriesProblem.allCases.filter(found.contains)
  }

  /// Slices missing between others.
  package var missing: Int { gaps.reduce(0) { $0 + $1.missing } }

  /// The slice in the middle of the first time point of the largest stack: the one to show for the series.
  package var middle: Int? { SeriesOrder.middle(of: members) }

  /// The member in the middle of the first time point of the largest stack among `members`, which are in the order of the series.
  static func middle(of members: [Member]) -> Int? {
    var sizes: [Int: Int] = [:]
    for member in members { sizes[member.stack, default: 0] += 1 }
    guard let largest = sizes.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key,
      let time = members.first(where: { $0.stack == largest })?.timePoint
    else { return nil }
    let first = members.filter { $0.stack == largest && $0.timePoint == time && $0.repeats == nil }
    return first.isEmpty ? members.first { $0.stack == largest }?.slice : first[first.count / 2].slice
  }

  /// `count` slices of each stack, evenly spread over its places: of the first time point, and of later ones only as far as it has too few.
  ///
  /// Indices into the input, in the order of the series. Repeated slices are taken last. - Precondition: `count >= 1`.
  package func sample(_ count: Int) -> [Int] {
    var taken: Set<Int> = []
    for stack in 0..<stacks {
      let own = members.filter { $0.stack == stack }
      var left = count
      var parts = Dictionary(grouping: own.filter { $0.repeats == nil }, by: \.timePoint).sorted { $0.key < $1.key }
        .map(\.value)
      parts.append(own.filter { $0.repeats != nil })
      for part in parts where left > 0 {
        let places = EvenSpread.places(min(left, part.count), of: part.count)
        taken.formUnion(places.map { part[$0].slice })
        left -= places.count
      }
    }
    return members.map(\.slice).filter(taken.contains)
  }

  /// Slices by plane, size and pixel spacing, in canonical order.
  private static func groups(_ sorted: [Int], _ slices: [SeriesSlice], _ geometry: [SliceGeometry?]) -> [[Int]] {
    struct Exact: Hashable {
      let size: [Int]
      let numbers: [Double]
    }
    var groups: [[Int]] = []
    var known: [Exact: Int] = [:]
    for index in sorted {
      let slice = slices[index]
      let exact = Exact(
        size: [slice.rows, slice.columns],
        numbers: geometry[index].map { $0.orientation + slice.place.pixelSpacing } ?? [])
      if let group = known[exact] {
        groups[group].append(index)
        continue
      }
      let group = groups.prefix(mostPlanesCompared).firstIndex { group in
        let other = group[0]
        guard (slice.rows, slice.columns) == (slices[other].rows, slices[other].columns) else { return false }
        switch (geometry[index], geometry[other]) {
        case (nil, nil): return true
        case (let mine?, let its?): return mine.isParallel(to: its) && haveOneSpacing(slice, slices[other])
        default: return false
        }
      }
      known[exact] = group ?? groups.count
      if let group { groups[group].append(index) } else { groups.append([index]) }
    }
    return groups
  }

  private static let mostPlanesCompared = 1000

  private static func haveOneSpacing(_ a: SeriesSlice, _ b: SeriesSlice) -> Bool {
    let (x, y) = (a.place.pixelSpacing, b.place.pixelSpacing)
    return x.count == y.count && zip(x, y).allSatisfy { abs($0 - $1) <= 0.001 * max(abs($0), abs($1)) }
  }
}
