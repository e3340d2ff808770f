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
      try #require(cache.takeChanges()).write(to: saved)
      #expect(cache.takeChanges() == nil)

      let later = StageEnvironment(workingFolder: folder, digestCache: DigestCache(contentsOf: saved))
      #expect(try later.digest(of: file) == first)
      #expect(later.digestCache.takeChanges() == nil)
      try write("two", to: file, age: 50)
      #expect(try later.digest(of: file) != first)
    }
  }

  @Test func doesNotTrustAFileJustWritten() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "a")
      try write("one", to: file, age: 0)
      let cache = DigestCache()
      _ = try StageEnvironment(workingFolder: folder, digestCache: cache).digest(of: file)
      #expect(cache.takeChanges() == nil)
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
