import Foundation
import Storage
import TestSupport
import Testing

struct AtomicFileTests {
  @Test func replacesOrLeavesAlone() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a b.txt")
      try AtomicFile.write("one", to: url)
      try AtomicFile.write("two", to: url)
      #expect(try String(contentsOf: url, encoding: .utf8) == "two")
      struct Interrupted: Error {}
      #expect(throws: Interrupted.self) {
        try AtomicFile.replace(url) { aside in
          try Data("half".utf8).write(to: aside)
          throw Interrupted()
        }
      }
      #expect(throws: (any Error).self) { try AtomicFile.replace(url) { _ in } }  // nothing was written aside
      #expect(throws: (any Error).self) { try AtomicFile.write("x", to: folder.appending(path: "absent/a.txt")) }
      #expect(try String(contentsOf: url, encoding: .utf8) == "two")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a b.txt"])
    }
  }
}
