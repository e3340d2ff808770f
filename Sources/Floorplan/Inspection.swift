/// What is wrong with a house, one sentence each, in a fixed order.
package enum Inspection {
  package static func problems(of house: House, arrows: Arrows) -> [String] {
    undeclared(house, arrows) + upward(house) + rings(house) + contradictions(arrows)
  }

  /// Imports without a line in the table.
  private static func undeclared(_ house: House, _ arrows: Arrows) -> [String] {
    var problems = house.unlisted.map { "Sources/\($0) is no target of Package.swift" }
    for room in house.rooms where !room.isBorder {
      guard let allowed = arrows.allowed(for: room.name) else {
        problems.append("\(room.name) has no line in Arrows.swift")
        continue
      }
      problems += room.imports.filter { !allowed.contains($0) }.map {
        "\(room.name) imports \($0): an arrow that Arrows.swift doesn't allow"
      }
    }
    return problems
  }

  /// Imports of a target that Package.swift lists later.
  private static func upward(_ house: House) -> [String] {
    var seen = Set<String>()
    var problems: [String] = []
    for room in house.rooms {
      problems += room.imports.filter { !seen.contains($0) }.map {
        "\(room.name) imports \($0), which Package.swift lists above it in the house: an arrow that points up"
      }
      seen.insert(room.name)
    }
    return problems
  }

  private static func rings(_ house: House) -> [String] {
    do {
      _ = try Floors(house)
      return []
    } catch {
      return [
        "rooms import each other in a ring: "
          + (error as? Floors.Cycle ?? Floors.Cycle(rooms: [])).rooms.joined(separator: " → ")
      ]
    }
  }

  /// Rules that allow a room which the table declares later.
  private static func contradictions(_ arrows: Arrows) -> [String] {
    let declared = Set(arrows.rules.map(\.room))
    var seen = Set<String>()
    var problems: [String] = []
    for rule in arrows.rules {
      problems += rule.mayImport.filter { declared.contains($0) && !seen.contains($0) }.map {
        "Arrows.swift lets \(rule.room) import \($0), which it declares later"
      }
      seen.insert(rule.room)
    }
    return problems
  }
}
