import Foundation
import Storage
import Tensors
import TestSupport
import Testing

struct CSVTests {
  @Test func writesRFC4180() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.csv")
      try CSVWriter.write(to: url, columns: ["a", "b,c"]) { writer in
        try writer.row(["plain", ""])
        try writer.row(["say \"ä\"", "two\r\nlines"])
        try writer.row(["=1+1", " -x "])
      }
      #expect(
        try String(contentsOf: url, encoding: .utf8)
          == "a,\"b,c\"\nplain,\n\"say \"\"ä\"\"\",\"two\r\nlines\"\n=1+1, -x \n")
    }
  }

  /// Every cell of up to three of the awkward characters, in the first, the last and the only column.
  @Test func everyAwkwardCellComesBack() throws {
    let alphabet = ["a", ",", "\"", "\n", "\r", " ", "頭", "\u{feff}"]
    let cells = (0...3).flatMap { length in
      (0..<length).reduce([""]) { known, _ in known.flatMap { cell in alphabet.map { cell + $0 } } }
    }
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.csv")
      for columns in [["x"], ["x", "y"]] {
        let rows = columns.count == 1 ? cells.map { [$0] } : zip(cells, cells.reversed()).map { [$0, $1] }
        try CSVWriter.write(to: url, columns: columns) { writer in for row in rows { try writer.row(row) } }
        var reader = try CSVReader(url)
        let back = try reader.map { $0.cells.map { Array($0.utf8) } }
        #expect(back == rows.map { $0.map { Array($0.utf8) } })
      }
    }
  }

  @Test func toleratesWhatSpreadsheetsAdd() throws {
    var reader = try CSVReader(
      bytes: [0xef, 0xbb, 0xbf] + Array("path,label\r\n\r\na,1\r\n\n\"b\r\nc\",2\r\nd,3".utf8), path: "x")
    #expect(reader.columns == ["path", "label"])
    let rows = try reader.map { ($0.line, $0["path"], $0["label"], $0["other"]) }
    #expect(rows.map(\.0) == [3, 5, 7])
    #expect(rows.map(\.1) == ["a", "b\r\nc", "d"])
    #expect(rows.map(\.2) == ["1", "2", "3"])
    #expect(rows.allSatisfy { $0.3 == nil })
  }

  @Test func troubleNamesItsLine() {
    let cases: [(text: String, line: Int, problem: CSVError.Problem)] = [
      ("", 1, .empty), ("\n\r\n", 1, .empty), ("a,a\n", 1, .duplicateColumn("a")), ("a\n\"b", 2, .unterminatedQuote),
      ("a\n\"x\ny\"\nb,c\n", 4, .cellCount(found: 2, expected: 1)),
      ("a,b\n\n\nc\n", 4, .cellCount(found: 1, expected: 2)),
      ("a\n\"b\"c\n", 2, .textAfterQuote), ("a\nb\"c\n", 2, .strayQuote), ("a\nb\rc\n", 2, .strayCarriageReturn),
      ("a\nb\r", 2, .strayCarriageReturn),
    ]
    for (text, line, problem) in cases {
      #expect(throws: CSVError(path: "x", line: line, problem: problem), "\(text)") {
        try self.readAll(Array(text.utf8))
      }
    }
    #expect(throws: CSVError(path: "x", line: 3, problem: .notUTF8)) { try self.readAll(Array("a\nb\n".utf8) + [0xff]) }
    #expect(throws: CSVError(path: "x", line: 1, problem: .missingColumn("b", found: ["a"]))) {
      try CSVReader(bytes: Array("a\n".utf8), path: "x").require(["a", "b"])
    }
    let path = "x"
    #expect(throws: CSVError(path: path, line: 2, problem: .badValue(column: "n", wanted: "a whole number"))) {
      var reader = try CSVReader(bytes: Array("n\nMeier\n".utf8), path: path)
      _ = try reader.map { try $0.integer("n") }
    }
  }

  /// Random bytes from the characters that matter: rows or an error, never a crash or a hang.
  @Test func fuzzNeverCrashes() {
    var generator = Seed(11).generator()
    let alphabet = Array("ab,,\"\"\n\n\r\u{feff}é".utf8) + [0xff]
    for _ in 0..<20_000 {
      let bytes = (0..<generator.integer(below: 14)).map { _ in alphabet[generator.integer(below: alphabet.count)] }
      try? readAll(bytes)
    }
  }

  private func readAll(_ bytes: [UInt8]) throws {
    var reader = try CSVReader(bytes: bytes, path: "x")
    while let row = try reader.next() { precondition(row.cells.count == reader.columns.count) }
  }
}
