/// Tells apart slices that were taken at one place at different moments.
enum TimePoints {
  /// The time point of each slice, from 0.
  ///
  /// Three ways, best first: by a moment, or two together, of which there are as many values as the fullest place has slices; by instance
  /// number, where counting on through it begins a new round exactly that often; else by the order at each place, which is right unless
  /// a time point lacks slices.
  ///
  /// - Parameter places: the place of each slice. - Complexity: O(n log n) for n slices.
  static func assign(_ slices: [SeriesSlice], places: [Int]) -> [Int] {
    var held: [Int: Int] = [:]
    for place in places { held[place, default: 0] += 1 }
    let count = held.values.max() ?? 0
    if count <= 1 { return [Int](repeating: 0, count: slices.count) }
    return byMoment(slices, places, count) ?? byInstance(slices, places, count) ?? byRank(slices, places)
  }

  private static func byMoment(_ slices: [SeriesSlice], _ places: [Int], _ count: Int) -> [Int]? {
    let moments = slices.map {
      Dictionary($0.place.moments.map(Moments.split), uniquingKeysWith: { first, _ in first })
    }
    // A name that every slice has, and that takes few enough values to count time points.
    let names = Set(moments.flatMap(\.keys)).sorted().prefix(16).filter { name in
      let values = Set(moments.map { $0[name] })
      return !values.contains(nil) && values.count > 1 && values.count <= count
    }
    let keys = names.map { [$0] } + names.indices.flatMap { i in names[(i + 1)...].map { [names[i], $0] } }
    for key in keys {
      let values = moments.map { moment in key.map { moment[$0] ?? "" } }
      let distinct = Set(values)
      guard distinct.count == count,
        Set(zip(places, values).map { Taken(place: $0, value: $1) }).count == slices.count
      else { continue }
      let ordered = distinct.sorted { a, b in
        for (x, y) in zip(a, b) where x != y { return Moments.precedes(x, y) }
        return false
      }
      let numbers = Dictionary(uniqueKeysWithValues: ordered.enumerated().map { ($1, $0) })
      return values.map { numbers[$0] ?? 0 }
    }
    return nil
  }

  private struct Taken: Hashable {
    let place: Int
    let value: [String]
  }

  private static func byInstance(_ slices: [SeriesSlice], _ places: [Int], _ count: Int) -> [Int]? {
    guard Set(slices.map(\.number)).count == slices.count else { return nil }
    var result = [Int](repeating: 0, count: slices.count)
    var (round, seen) = (0, Set<Int>())
    for index in slices.indices.sorted(by: { SeriesSlice.precedes(slices[$0], slices[$1]) }) {
      if !seen.insert(places[index]).inserted {
        round += 1
        seen = [places[index]]
      }
      result[index] = round
    }
    return round + 1 == count ? result : nil
  }

  private static func byRank(_ slices: [SeriesSlice], _ places: [Int]) -> [Int] {
    var next: [Int: Int] = [:]
    var result = [Int](repeating: 0, count: slices.count)
    let byTime = slices.indices.sorted {
      Moments.order(slices[$0].place.moments, slices[$1].place.moments)
        ?? SeriesSlice.precedes(slices[$0], slices[$1])
    }
    for index in byTime {
      result[index] = next[places[index], default: 0]
      next[places[index], default: 0] += 1
    }
    return result
  }
}
