import Floorplan
import Testing

struct InspectionTests {
  private let arrows = Arrows([("a", ["C"]), ("b", ["a"]), ("top", [Arrows.everythingBelow])])

  private func problems(_ imports: [(String, [String])], unlisted: [String] = []) -> [String] {
    let border = Room(name: "C", lines: 1, imports: [], isBorder: true)
    let rooms = imports.map { Room(name: $0.0, lines: 1, imports: $0.1) }
    return Inspection.problems(of: House(rooms: [border] + rooms, unlisted: unlisted), arrows: arrows)
  }

  @Test func aGoodHouseHasNone() {
    #expect(problems([("a", ["C"]), ("b", ["a"]), ("top", ["a", "b"])]) == [])
  }

  @Test func eachDefectIsNamed() {
    #expect(problems([("a", []), ("b", ["C"])]) == ["b imports C: an arrow that Arrows.swift doesn't allow"])
    #expect(problems([("new", [])]) == ["new has no line in Arrows.swift"])
    #expect(problems([], unlisted: ["x"]) == ["Sources/x is no target of Package.swift"])
    #expect(
      problems([("b", ["a"]), ("a", [])]) == [
        "b imports a, which Package.swift lists above it in the house: an arrow that points up"
      ])
    #expect(problems([("a", ["b"]), ("b", ["a"])]).contains("rooms import each other in a ring: a → b"))
  }

  @Test func theTableOfTheHouseDoesNotContradictItself() {
    #expect(Inspection.problems(of: House(rooms: []), arrows: .ofTheHouse) == [])
    #expect(
      Inspection.problems(of: House(rooms: []), arrows: Arrows([("a", ["b"]), ("b", [])])) == [
        "Arrows.swift lets a import b, which it declares later"
      ])
    #expect(Arrows.ofTheHouse.allowed(for: "Clustering") == ["Tensors"])
    #expect(Arrows.ofTheHouse.allowed(for: "Stages")?.contains("Reporting") == true)
    #expect(Arrows.ofTheHouse.allowed(for: "Stages")?.contains("CLI") == false)
  }
}
