import Foundation
import Storage
import TestSupport
import Testing

struct SplitTableTests {
  private func table(_ text: String, _ splits: [String] = []) throws -> SplitTable {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "split.csv")
      try AtomicFile.write(Data(text.utf8), to: url)
      return try SplitTable(reading: url, splits: splits)
    }
  }

  private func heldOut(_ text: String, _ splits: [String] = []) throws -> [String] {
    try table(text, splits).rows.filter(\.isHeldOut).map(\.name)
  }

  @Test func everyRowIsHeldOutWhereNothingIsSaidOfSplits() throws {
    #expect(
      try table("id,view\na1,PA\n b2 ,AP\na1,PA\n")
        == SplitTable(
          subject: .id,
          rows: [.init(line: 2, name: "a1", isHeldOut: true), .init(line: 3, name: "b2", isHeldOut: true)]))
  }

  @Test(arguments: ["patient", "patient_id", "PatientID", "Patient ID", "PATIENT-ID"])
  func patientsGoByManyNames(_ column: String) throws {
    let table = try table("\(column)\n007\n")
    #expect(table.subject == .patient && table.rows.map(\.name) == ["007"])
  }

  /// The narrowest name counts: of a table of images with their patients, the images.
  @Test func theFirstOfIdPathAndPatientCounts() throws {
    #expect(try table("patient,path,id\np,a/b.png,i\n").subject == .id)
    #expect(try table("patient,path\np,a/b.png\n").subject == .path)
  }

  @Test func splitsAreThoseAskedFor() throws {
    let text = "path,Split\na,test\nb,train\nc,Val\nd,TEST\ne,held_out\n"
    #expect(try heldOut(text, ["test"]) == ["a", "d"])
    #expect(try heldOut(text, ["Test", "held-out"]) == ["a", "d", "e"])
    #expect(try heldOut(text, ["train"]) == ["b"])
    #expect(try heldOut(text) == ["a", "c", "d", "e"])
    #expect(try table(text).rows.count == 5)
    #expect(try heldOut("path,split\na,fold0\nb,\n", ["fold0"]) == ["a"])
  }

  /// A name on both sides is kept twice: whoever knows what names mean refuses it.
  @Test func aNameOnBothSidesStaysTwice() throws {
    #expect(try table("patient,split\np,test\np,train\np,test\n").rows.map(\.isHeldOut) == [true, false])
  }

  @Test func whatCannotBeUnderstoodIsRefusedWithoutAWordOfIt() throws {
    let cases: [(String, [String], SplitTableError)] = [
      ("Mustermann\nMeier\n", [], .namesNothing(columns: 1)),
      ("Mustermann,Meier\n", [], .namesNothing(columns: 2)),
      ("Mustermann,Mustermann\n", [], .notATable(line: 1, "two columns have one name")),
      ("id,split\nMustermann\n", [], .notATable(line: 2, "1 cells where the header has 2")),
      ("patient,PatientID\na,b\n", [], .severalColumns("patient")),
      ("patient,split\nMustermann,test\n ,train\n", [], .emptyName(line: 3, .patient)),
      ("patient\nMustermann\n", ["test"], .noSplits),
      ("patient,split\nMustermann,test\nMeier,Mustermann\n", [], .unknownSplit(line: 3)),
      ("patient,split\nMeier,Mustermann\n", ["Mustermann", "tset"], .absentSplit("tset", known: [])),
      ("patient,split\nMeier,test\nMustermann,train\n", ["tset"], .absentSplit("tset", known: ["test", "train"])),
    ]
    for (text, splits, expected) in cases {
      #expect(throws: expected) { try table(text, splits) }
      #expect(!"\(expected)".contains("Mustermann") && !"\(expected)".contains("Meier"))
    }
  }
}
