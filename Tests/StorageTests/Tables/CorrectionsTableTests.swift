import Foundation
import Records
import Storage
import TestSupport
import Testing

struct CorrectionsTableTests {
  private func read(_ text: String) throws -> [Correction] {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "corrections.csv")
      try AtomicFile.write(Data(text.utf8), to: url)
      return try CorrectionsTable.read(from: url)
    }
  }

  @Test func everyActionReads() throws {
    let text = """
      action,image,other,group,name,note
      must_link,a1,b/c.png,,,"same, twice"
      Cannot-Link, a1 ,b2,,,
      assign,a1,,3,,
      rename,,,0,hands,
      REJECT,d4,,,,blurred

      """
    #expect(
      try read(text) == [
        Correction(line: 2, action: .mustLink, image: "a1", other: "b/c.png", note: "same, twice"),
        Correction(line: 3, action: .cannotLink, image: "a1", other: "b2"),
        Correction(line: 4, action: .assign, image: "a1", group: 3),
        Correction(line: 5, action: .rename, group: 0, name: "hands"),
        Correction(line: 6, action: .reject, image: "d4", note: "blurred"),
      ])
  }

  /// A reviewer who only rejects needs two columns; what an action has no use for is not looked at.
  @Test func columnsThatNobodyNeedsMayBeAbsent() throws {
    #expect(try read("image,action\na1,reject\n") == [Correction(line: 2, action: .reject, image: "a1")])
    #expect(
      try read("action,image,group\nreject,a1,many\n") == [Correction(line: 2, action: .reject, image: "a1")])
    #expect(try read("action\n") == [])
  }

  @Test func whatIsWrittenReadsBack() throws {
    let corrections = [
      Correction(line: 2, action: .cannotLink, image: "a", other: "b,\"c\"", note: "two\nlines"),
      Correction(line: 4, action: .rename, group: 12, name: "x"),
    ]
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "corrections.csv")
      try CorrectionsTable.write(corrections, to: url)
      #expect(try CorrectionsTable.read(from: url) == corrections)
    }
  }

  @Test func whatCannotBeUnderstoodIsRefusedWithoutAWordOfIt() throws {
    let cases: [(String, CorrectionsTableError)] = [
      ("Mustermann,image\nreject,a\n", .noActions(columns: 2)),
      ("Mustermann\n", .noActions(columns: 1)),
      ("action,image\nMustermann,a\n", .unknownAction(line: 2)),
      ("action,image\n,Mustermann\n", .unknownAction(line: 2)),
      ("action,image\nreject,Mustermann\nreject\n", .notATable(line: 3, "1 cells where the header has 2")),
      ("action,Mustermann,Mustermann\n", .notATable(line: 1, "two columns have one name")),
      ("action,image\nmust_link,Mustermann\n", .emptyCell(line: 2, .mustLink, column: "other")),
      ("action,image,other\ncannot_link, ,Mustermann\n", .emptyCell(line: 2, .cannotLink, column: "image")),
      ("action,image\nassign,Mustermann\n", .emptyCell(line: 2, .assign, column: "group")),
      ("action,group\nrename,4\n", .emptyCell(line: 2, .rename, column: "name")),
      ("action,name\nrename,Mustermann\n", .emptyCell(line: 2, .rename, column: "group")),
      ("action,image,group\nassign,a,Mustermann\n", .notAGroup(line: 2)),
      ("action,image,group\nassign,a,-1\n", .notAGroup(line: 2)),
    ]
    for (text, expected) in cases {
      #expect(throws: expected) { try read(text) }
      #expect(!"\(expected)".contains("Mustermann"))
    }
  }
}
