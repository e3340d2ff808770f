/// On which floor each room stands: one above the highest that it imports. Borders lie in the ground, on floor 0; rooms start on 1.
package struct Floors: Equatable, Sendable {
  /// Floor by room.
  package let number: [String: Int]

  /// Rooms that import each other in a ring, in the order of the imports.
  package struct Cycle: Error, Equatable { package let rooms: [String] }

  /// - Throws: `Cycle`. - Complexity: O(rooms + imports).
  package init(_ house: House) throws {
    let rooms = Dictionary(uniqueKeysWithValues: house.rooms.map { ($0.name, $0) })
    var number: [String: Int] = [:]
    var path: [String] = []
    func visit(_ name: String) throws -> Int {
      if let known = number[name] { return known }
      if let start = path.firstIndex(of: name) { throw Cycle(rooms: Array(path[start...])) }
      guard let room = rooms[name] else { return 0 }
      path.append(name)
      defer { path.removeLast() }
      var floor = room.isBorder ? 0 : 1
      for other in room.imports { floor = max(floor, try visit(other) + 1) }
      number[name] = floor
      return floor
    }
    for room in house.rooms { _ = try visit(room.name) }
    self.number = number
  }
}
