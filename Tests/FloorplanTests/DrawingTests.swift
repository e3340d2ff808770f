import Floorplan
import Foundation
import Testing

struct DrawingTests {
  private let house = House(rooms: [
    Room(name: "CLib", lines: 3, imports: [], isBorder: true), Room(name: "Ground", lines: 820, imports: ["CLib"]),
    Room(name: "Aside", lines: 30, imports: []), Room(name: "Middle", lines: 1_234, imports: ["Ground"]),
    Room(name: "Top", lines: 12_345, imports: ["Aside", "CLib", "Ground", "Middle"]),
  ])

  @Test func isWellFormedAndShowsEveryRoomOnce() throws {
    let svg = try Drawing.svg(of: house)
    let tags = TagBalance(svg)
    #expect(tags.isWellFormed)
    for room in house.rooms { #expect(svg.components(separatedBy: ">\(room.name)<").count == 2, "\(room.name)") }
    #expect(
      svg.contains(">1,200 lines<") && svg.contains(">12,300 lines<") && svg.contains(">800 lines<")
        && svg.contains(">50 lines<"))
    // Top → Middle, Top → Aside, Middle → Ground, Ground → CLib, Top → CLib; Top → Ground follows from Top → Middle.
    #expect(svg.components(separatedBy: "\"arrowhead\"").count == 4)
    #expect(svg.components(separatedBy: "\"wirehead\"").count == 3)
  }

  @Test func equalHousesGiveEqualBytesAndSmallEditsNoOthers() throws {
    let edited = House(
      rooms: house.rooms.map { Room(name: $0.name, lines: $0.lines + 4, imports: $0.imports, isBorder: $0.isBorder) })
    #expect(try Drawing.svg(of: house) == Drawing.svg(of: edited))
  }

  @Test func aRingCannotBeDrawn() {
    let ring = House(rooms: [Room(name: "a", lines: 1, imports: ["b"]), Room(name: "b", lines: 1, imports: ["a"])])
    #expect(throws: Floors.Cycle.self) { try Drawing.svg(of: ring) }
  }

  @Test func anEmptyHouseCanBeDrawn() throws { #expect(try Drawing.svg(of: House(rooms: [])).hasSuffix("</svg>\n")) }
}

/// Every tag that opens is closed, in order.
private struct TagBalance {
  let isWellFormed: Bool

  init(_ text: String) {
    var open: [Substring] = []
    var isGood = true
    for match in text.matches(of: #/<(/?)([a-z]+)[^<>]*?(/?)>/#) {
      if !match.output.3.isEmpty { continue }
      if match.output.1.isEmpty {
        open.append(match.output.2)
      } else {
        isGood = isGood && open.popLast() == match.output.2
      }
    }
    isWellFormed = isGood && open.isEmpty
  }
}
