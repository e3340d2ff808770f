import Clustering
import Insight
import Records
import Tensors
import Testing

struct CorrectionsTests {
  private let ids = ["a1", "b2", "c3", "d4", "e5"].map { ImageID($0) }
  private let paths = ["x/1.png", "x/2.png", "clip.mp4", "clip.mp4", "a1"]

  private func read(_ statements: [Correction]) -> Corrections {
    Corrections(statements, ids: ids, paths: paths, groupIDs: [7, 3])
  }

  private func apply(_ statements: [Correction], to raw: [Int?]) -> Corrections.Applied {
    read(statements).applied(to: raw) { row in [Double(row), Double(4 - row)] }
  }

  @Test func imagesGoByIdOrPathAndGroupsByTheirPersistentNumber() {
    let statements = [
      Correction(line: 2, action: .mustLink, image: "a1", other: ".\\x\\2.png"),
      Correction(line: 3, action: .assign, image: "c3", group: 3),
      Correction(line: 4, action: .rename, group: 7, name: "hands"),
      Correction(line: 5, action: .reject, image: "e5"),
    ]
    let corrections = read(statements)
    #expect(corrections.problems.isEmpty && corrections.names == ["hands", nil])
    let applied = apply(statements, to: [0, 1, 0, 1, 1])
    #expect(applied.labels.corrected == [0, 0, 1, 1, nil])
    #expect(applied.labels.reasons == [nil, .mustLink, .assigned, nil, .rejected])
    #expect(applied.lines == [1: [2], 2: [3], 4: [5]])
  }

  @Test func whatNamesNothingIsReportedAndTheRestHonoured() {
    let corrections = read([
      Correction(line: 2, action: .reject, image: "zz"),
      Correction(line: 3, action: .reject, image: "clip.mp4"),
      Correction(line: 4, action: .assign, image: "a1", group: 0),
      Correction(line: 5, action: .rename, group: 3, name: "feet"),
      Correction(line: 6, action: .rename, group: 3, name: "toes"),
      Correction(line: 7, action: .rename, group: 7, name: "hands"),
      Correction(line: 8, action: .rename, group: 7, name: "hands"),
      Correction(line: 9, action: .rename, group: 4, name: "none"),
    ])
    #expect(
      corrections.problems.map(\.reason) == [
        .unknownImage, .ambiguousImage, .unknownGroup, .severalNames, .unknownGroup,
      ])
    #expect(corrections.problems.map(\.lines) == [[2], [3], [4], [5, 6], [9]])
    #expect(corrections.names == ["hands", nil])
  }

  @Test func contradictionsNameTheLinesAtFault() {
    let applied = apply(
      [
        Correction(line: 2, action: .mustLink, image: "a1", other: "b2"),
        Correction(line: 3, action: .mustLink, image: "b2", other: "c3"),
        Correction(line: 4, action: .cannotLink, image: "a1", other: "c3"),
        Correction(line: 5, action: .reject, image: "d4"),
        Correction(line: 6, action: .mustLink, image: "d4", other: "e5"),
        Correction(line: 7, action: .assign, image: "e5", group: 7),
        Correction(line: 8, action: .assign, image: "e5", group: 3),
      ], to: [0, 0, 1, 1, 1])
    #expect(
      applied.problems.map(\.reason)
        == [.conflict(.mustBeTogether), .conflict(.rejectedRow), .conflict(.severalGroups)])
    #expect(applied.problems.map(\.lines) == [[4], [6], [7, 8]])
    #expect(applied.problems.map(\.against) == [[2, 3], [5], []])
    #expect(applied.labels.corrected == [0, 0, 0, nil, 1])
    #expect(
      applied.problems[0].sentence
        == "Line 4 is not honoured: the two images must be in one group, by lines 2 and 3.")
    #expect(
      applied.problems[2].sentence
        == "Lines 7 and 8 are not honoured: images that belong together are asked into several groups.")
  }

  @Test func cannotLinksForWhichThereAreTooFewGroupsAreListed() {
    let names = ["a1", "b2", "c3"]
    var statements: [Correction] = []
    for (a, b) in [(0, 1), (1, 2), (0, 2)] {
      statements.append(Correction(line: statements.count + 2, action: .cannotLink, image: names[a], other: names[b]))
    }
    let applied = apply(statements, to: [0, 0, 0, 1, 1])
    // One pair must share a group; the cheapest way moves row 2 alone, and rows 0 and 1 stay.
    #expect(applied.labels.corrected == [0, 0, 1, 1, 1])
    #expect(applied.problems.map(\.reason) == [.conflict(.tooFewGroups)])
    #expect(applied.problems.map(\.lines) == [[2]] && applied.lines == [2: [3, 4]])
  }

  /// Random statements: every one is met or in the report, whatever their order in the file.
  @Test func everyStatementIsMetOrReportedInAnyOrder() {
    for number in 0..<500 {
      var generator = Seed(3).split(number).generator()
      let names = ids.map(\.rawValue) + ["x/1.png", "x/2.png", "clip.mp4", "nothing"]
      let statements = (0..<1 + generator.integer(below: 9)).map { line in
        Correction(
          line: line + 2, action: Correction.Action.allCases[generator.integer(below: 5)],
          image: names[generator.integer(below: names.count)], other: names[generator.integer(below: names.count)],
          group: [7, 3, 5][generator.integer(below: 3)], name: ["p", "q"][generator.integer(below: 2)])
      }
      let raw: [Int?] = ids.map { _ in generator.chance(0.2) ? nil : generator.integer(below: 2) }
      let applied = apply(statements, to: raw)
      let reported = Set(applied.problems.flatMap(\.lines))
      let labels = applied.labels.corrected
      let corrections = read(statements)
      func row(_ name: String) -> Int { ids.firstIndex { $0.rawValue == name } ?? paths.firstIndex(of: name)! }
      for statement in statements where !reported.contains(statement.line) {
        let group = statement.group == 7 ? 0 : 1
        switch statement.action {
        case .mustLink: #expect(labels[row(statement.image)] == labels[row(statement.other)])
        case .cannotLink:
          let label = labels[row(statement.image)]
          #expect(label == nil || label != labels[row(statement.other)])
        case .assign: #expect(labels[row(statement.image)] == group)
        case .reject: #expect(labels[row(statement.image)] == nil)
        case .rename: #expect(corrections.names[group] == statement.name)
        }
      }
      #expect(Set(applied.lines.keys) == Set(ids.indices.filter { labels[$0] != raw[$0] }))
      var shuffled = statements
      generator.shuffle(&shuffled)
      #expect(read(shuffled) == corrections && apply(shuffled, to: raw) == applied)
      #expect(apply(statements, to: labels).labels.corrected == labels)
    }
  }
}
