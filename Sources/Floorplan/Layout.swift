/// Places rooms on their floors so that arrows are short and cross little (Sugiyama, Tagawa, Toda 1981, in small).
///
/// An arrow over several floors runs down a shaft: one place a floor for each imported room, shared by all who import it from above.
/// Deterministic: ties keep the order of Package.swift.
struct Layout {
  /// Something that takes room on a floor.
  struct Place {
    let room: Room?  // nil for a shaft
    let floor: Int
    var width: Double
    var height: Double
    /// Centre.
    var x = 0.0
  }

  /// A piece of an arrow between neighbouring floors; `upper` and `lower` index `places`.
  struct Piece {
    let upper: Int
    let lower: Int
  }

  private(set) var places: [Place] = []
  private(set) var pieces: [Piece] = []
  /// Indices of places, left to right.
  private(set) var floors: [[Int]] = []
  private var above: [[Int]] = []
  private var below: [[Int]] = []

  static let gap = 22.0
  private static let shaftWidth = 4.0

  init(_ house: House, _ numbers: [String: Int], size: (Room) -> (width: Double, height: Double)) {
    floors = Array(repeating: [], count: (numbers.values.max() ?? 0) + 1)
    var index: [String: Int] = [:]
    for room in house.rooms {
      guard let floor = numbers[room.name] else { continue }
      let (width, height) = size(room)
      index[room.name] = add(Place(room: room, floor: floor, width: width, height: height))
    }
    let direct = Layout.directImports(house)
    for room in house.rooms {
      guard let target = index[room.name] else { continue }
      let importers = house.rooms.filter { $0.imports.contains(room.name) }
      connect(
        importers.compactMap { importer in
          // Arrows that follow from others are left out: the picture is of who must stand above whom.
          direct[importer.name]?.contains(room.name) == true ? index[importer.name] : nil
        }, to: target)
    }
    above = places.map { _ in [] }
    below = places.map { _ in [] }
    for piece in pieces {
      above[piece.lower].append(piece.upper)
      below[piece.upper].append(piece.lower)
    }
    order()
    align()
  }

  /// Imports that don't follow from another import of the same room; those of borders always count.
  static func directImports(_ house: House) -> [String: Set<String>] {
    let rooms = Dictionary(uniqueKeysWithValues: house.rooms.map { ($0.name, $0) })
    var reach: [String: Set<String>] = [:]
    func reachable(_ name: String) -> Set<String> {
      if let known = reach[name] { return known }
      let imports = rooms[name]?.imports ?? []
      let all = imports.reduce(into: Set(imports)) { $0.formUnion(reachable($1)) }
      reach[name] = all
      return all
    }
    return rooms.mapValues { room in
      Set(
        room.imports.filter { target in
          rooms[target]?.isBorder == true || !room.imports.contains { $0 != target && reachable($0).contains(target) }
        })
    }
  }

  private mutating func add(_ place: Place) -> Int {
    places.append(place)
    floors[place.floor].append(places.count - 1)
    return places.count - 1
  }

  private mutating func connect(_ importers: [Int], to target: Int) {
    var lower = target
    var floor = places[target].floor
    let highest = importers.map { places[$0].floor }.max() ?? 0
    while floor < highest {
      for importer in importers where places[importer].floor == floor + 1 {
        pieces.append(Piece(upper: importer, lower: lower))
      }
      floor += 1
      if floor < highest {
        let shaft = add(Place(room: nil, floor: floor, width: Layout.shaftWidth, height: 0))
        pieces.append(Piece(upper: shaft, lower: lower))
        lower = shaft
      }
    }
  }

  // MARK: Order on each floor

  private mutating func order() {
    var best = floors
    var fewest = crossings()
    for round in 0..<24 {
      for floor in round % 2 == 0 ? Array(floors.indices) : floors.indices.reversed() {
        let fixed = round % 2 == 0 ? below : above
        let position = positions()
        let weights = floors[floor].map { place -> Double in
          let others = fixed[place]
          if others.isEmpty { return position[place] }
          return others.reduce(0) { $0 + position[$1] } / Double(others.count)
        }
        floors[floor] = zip(floors[floor], weights).enumerated()
          .sorted { ($0.element.1, $0.offset) < ($1.element.1, $1.offset) }.map(\.element.0)
      }
      exchangeNeighbours()
      let count = crossings()
      if count < fewest { (best, fewest) = (floors, count) }
    }
    floors = best
  }

  /// Swaps neighbours as long as that removes crossings.
  private mutating func exchangeNeighbours() {
    var improved = true
    while improved {
      improved = false
      for floor in floors.indices where floors[floor].count > 1 {
        for left in 0..<floors[floor].count - 1 {
          let before = crossings()
          floors[floor].swapAt(left, left + 1)
          if crossings() < before { improved = true } else { floors[floor].swapAt(left, left + 1) }
        }
      }
    }
  }

  /// Relative position on the floor, 0…1, so that short and long floors compare.
  private func positions() -> [Double] {
    var position = [Double](repeating: 0, count: places.count)
    for floor in floors {
      for (index, place) in floor.enumerated() { position[place] = (Double(index) + 0.5) / Double(floor.count) }
    }
    return position
  }

  private func crossings() -> Int {
    let position = positions()
    var count = 0
    for (index, a) in pieces.enumerated() {
      for b in pieces[..<index] where places[a.lower].floor == places[b.lower].floor {
        if (position[a.upper] - position[b.upper]) * (position[a.lower] - position[b.lower]) < 0 { count += 1 }
      }
    }
    return count
  }

  // MARK: Centres

  /// Draws each place towards the mean of its neighbours, keeping order and gaps; exact for each floor by isotonic regression.
  private mutating func align() {
    for floor in floors { settle(floor, wishes: floor.map { _ in 0 }, weights: floor.map { _ in 1 }) }
    for round in 0..<200 {
      for floor in round % 2 == 0 ? floors : floors.reversed() {
        var wishes: [Double] = []
        var weights: [Double] = []
        for place in floor {
          let pulls = (above[place] + below[place]).map { (x: places[$0].x, pull: pull(place, $0)) }
          let total = pulls.reduce(0) { $0 + $1.pull }
          wishes.append(pulls.isEmpty ? places[place].x : pulls.reduce(0) { $0 + $1.x * $1.pull } / total)
          weights.append(pulls.isEmpty ? 0.1 : total)
        }
        settle(floor, wishes: wishes, weights: weights)
      }
    }
    let left = places.map { $0.x - $0.width / 2 }.min() ?? 0
    for index in places.indices { places[index].x = (places[index].x - left).rounded() }
  }

  /// How hard neighbours draw at each other: shafts ought to be straight (weights after Gansner, Koutsofios, North, Vo 1993).
  private func pull(_ a: Int, _ b: Int) -> Double {
    switch (places[a].room == nil, places[b].room == nil) {
    case (true, true): 8
    case (false, false): 1
    default: 2
    }
  }

  /// The centres nearest to the wishes (least squares) that leave a gap between neighbours: pool adjacent violators.
  private mutating func settle(_ floor: [Int], wishes: [Double], weights: [Double]) {
    var offsets: [Double] = []
    var offset = 0.0
    for (index, place) in floor.enumerated() {
      if index > 0 { offset += (places[floor[index - 1]].width + places[place].width) / 2 + Layout.gap }
      offsets.append(offset)
    }
    var blocks: [(mean: Double, weight: Double, count: Int)] = []
    for index in floor.indices {
      var block = (mean: wishes[index] - offsets[index], weight: weights[index], count: 1)
      while let last = blocks.last, last.mean >= block.mean {
        let weight = last.weight + block.weight
        block = ((last.mean * last.weight + block.mean * block.weight) / weight, weight, last.count + block.count)
        blocks.removeLast()
      }
      blocks.append(block)
    }
    var index = 0
    for block in blocks {
      for _ in 0..<block.count {
        places[floor[index]].x = block.mean + offsets[index]
        index += 1
      }
    }
  }

  /// Right edge of everything.
  var width: Double { places.map { $0.x + $0.width / 2 }.max() ?? 0 }
}
