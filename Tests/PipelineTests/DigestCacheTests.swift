import Foundation
import Pipeline
import TestSupport
import Testing

@Suite struct DigestCacheTests {
  /// A file that was last changed long ago, as files of an archive are.
  private func write(_ text: String, to file: URL, age: Double = 100) throws {
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: file.path)
  }

  @Test func isSHA256() throws {
    try withTemporaryFolder { folder in
      let environment = StageEnvironment(workingFolder: folder)
      try write("abc", to: folder.appending(path: "a"))
      // FIPS 180-4, example of one block.
      #expect(
        try environment.digest(of: environment.url("a"))
          == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
      try write(
        String(repeating: "a", count: 1_000_000) + String(repeating: "a", count: 1_000_000),
        to: folder.appending(path: "b"))
      let long = try environment.digest(of: environment.url("b"))
      #expect(long.count == 64)
      #expect(throws: InputMissing.self) { try environment.digest(of: environment.url("none")) }
    }
  }

  @Test func remembersUntilTheFileChanges() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "a")
      let saved = folder.appending(path: "saved")
      try write("one", to: file)
      let cache = DigestCache()
      let environment = StageEnvironment(workingFolder: folder, digestCache: cache)
      let first = try environment.digest(of: file)
      #expect(try cache.writeChanges(to: saved))
      #expect(try !cache.writeChanges(to: saved))

      let later = StageEnvironment(workingFolder: folder, digestCache: DigestCache(contentsOf: saved))
      #expect(try later.digest(of: file) == first)
      #expect(try !later.digestCache.writeChanges(to: saved))
      try write("two", to: file, age: 50)
      #expect(try later.digest(of: file) != first)
    }
  }

  /// A listing in order is joined with the saved table, adds what is new, and forgets nothing that others saved.
  @Test func aListingInOrderIsHashedOnceAndOthersSurvive() throws {
    try withTemporaryFolder { folder in
      let saved = folder.appending(path: "saved")
      func digest(_ cache: DigestCache, _ below: String, _ numbers: some Sequence<Int>) throws -> String {
        var numbers = numbers.makeIterator()
        return try cache.digest(ofSorted: {
          numbers.next().map { number in
            let name = String(format: "%05d", number)
            return ListedFile(name: name, path: folder.appending(path: "\(below)/\(name)").path)
          }
        })
      }
      for number in 0..<3000 {
        try write("a\(number)", to: folder.appending(path: "a/" + String(format: "%05d", number)))
        if number < 10 { try write("b\(number)", to: folder.appending(path: "b/" + String(format: "%05d", number))) }
      }
      let first = DigestCache()
      let ofA = try digest(first, "a", 0..<3000)
      let alone = folder.appending(path: "b/00003")
      let ofAlone = try first.digest(of: alone)
      #expect(try first.writeChanges(to: saved))

      let second = DigestCache(contentsOf: saved)
      #expect(try digest(second, "a", 0..<3000) == ofA)
      #expect(try !second.writeChanges(to: saved), "nothing was new")
      let ofB = try digest(second, "b", 0..<10)
      try FileManager.default.removeItem(at: folder.appending(path: "a/00007"))
      let next = folder.appending(path: "next")
      #expect(try second.writeChanges(to: next))

      let lines = try String(contentsOf: next, encoding: .utf8).split(separator: "\n").dropFirst()
      #expect(lines.count == 2999 + 10)
      let paths = lines.map { String($0.split(separator: "\t")[5]) }
      #expect(paths == paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
      let third = DigestCache(contentsOf: next)
      #expect(try digest(third, "b", 0..<10) == ofB)
      #expect(try third.digest(of: alone) == ofAlone)
      for number in stride(from: 0, to: 2999, by: 250) where number != 7 {
        let path = folder.appending(path: "a/" + String(format: "%05d", number)).path
        #expect(third.known().digest(of: path) == second.known().digest(of: path))
        #expect(third.known().digest(of: path) != nil)
        _ = try third.digest(of: URL(filePath: path))
      }
      #expect(try !third.writeChanges(to: next), "every look found its line")
      let names = (0..<10).map { String(format: "%05d", $0) }
      let files = names.map { (name: $0, file: folder.appending(path: "b/\($0)")) }
      #expect(StageEnvironment(workingFolder: folder).digest(ofFiles: files) == ofB)
    }
  }

  @Test func doesNotTrustAFileJustWritten() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "a")
      try write("one", to: file, age: 0)
      let cache = DigestCache()
      _ = try StageEnvironment(workingFolder: folder, digestCache: cache).digest(of: file)
      #expect(try !cache.writeChanges(to: folder.appending(path: "saved")))
    }
  }

  @Test func digestOfAFolderIsThatOfItsNamesAndBytes() throws {
    try withTemporaryFolder { folder in
      let names = ["a", "b/c", "b/d/e", "z"]
      let (one, two) = (folder.appending(path: "one"), folder.appending(path: "two"))
      for name in names { try write(name, to: one.appending(path: name)) }
      for name in names.reversed() { try write(name, to: two.appending(path: name), age: 7) }
      let environment = StageEnvironment(workingFolder: folder)
      let digest = try environment.digest(ofFolder: one)
      #expect(try environment.digest(ofFolder: two) == digest)
      let files = names.map { (name: $0, file: one.appending(path: $0)) }
      #expect(environment.digest(ofFiles: files) == digest)
      #expect(environment.digest(ofFiles: files.reversed()) == digest)
      try FileManager.default.moveItem(at: two.appending(path: "z"), to: two.appending(path: "y"))
      #expect(try environment.digest(ofFolder: two) != digest)
      #expect(throws: InputMissing.self) { try environment.digest(ofFolder: folder.appending(path: "none")) }
    }
  }

  @Test func brokenLinkEndsNothing() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createSymbolicLink(
        at: folder.appending(path: "link"), withDestinationURL: folder.appending(path: "nowhere"))
      #expect(try StageEnvironment(workingFolder: folder).digest(ofFolder: folder).count == 64)
    }
  }

  @Test func garbledCacheIsAnEmptyOne() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "a")
      try write("one", to: file)
      let saved = folder.appending(path: "saved")
      try Data("x\n1\t2\n\tbad\t\t\t\t\n\u{0}".utf8).write(to: saved)
      let environment = StageEnvironment(workingFolder: folder, digestCache: DigestCache(contentsOf: saved))
      #expect(try environment.digest(of: file).count == 64)
    }
  }
}
