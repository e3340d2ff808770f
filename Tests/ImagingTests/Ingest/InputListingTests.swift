import Foundation
import Imaging
import Records
import TestSupport
import Testing

struct InputListingTests {
  private func write(_ names: [String], in folder: URL) throws {
    for name in names {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data("x".utf8).write(to: file)
    }
  }

  private func noTable(_: URL) throws -> [[String]] { [] }

  @Test func filesAreSortedAndHiddenOnesCounted() throws {
    try withTemporaryFolder { folder in
      try write(["b/2.png", "b/10.png", "a.dcm", "c", ".hidden", "b/.git/config"], in: folder)
      let listing = try InputListing([folder], readTable: noTable)
      #expect(listing.entries.map(\.path) == ["a.dcm", "b/10.png", "b/2.png", "c"])
      #expect(listing.hidden == 2)
      #expect(listing.rejections.isEmpty)
    }
  }

  @Test func patternsLeaveOutWithAReason() throws {
    try withTemporaryFolder { folder in
      try write(["x/1.png", "x/1.txt", "y/1.PNG", "y/z/2.png"], in: folder)
      let listing = try InputListing([folder], include: ["*.png"], exclude: ["y/**/2.*"], readTable: noTable)
      #expect(listing.entries.map(\.path) == ["x/1.png", "y/1.PNG"])
      #expect(listing.rejections.map(\.path) == ["x/1.txt", "y/z/2.png"])
      #expect(listing.rejections.allSatisfy { $0.code == .filteredOut })
    }
  }

  @Test func linksAreFollowedOnceAndLoopsEnd() throws {
    try withTemporaryFolder { folder in
      try write(["in/real/1.png", "outside/2.png"], in: folder)
      let top = folder.appending(path: "in")
      for (name, target) in [
        ("a_loop", "."), ("real/up", "../.."), ("b_same", "real/1.png"), ("other", "../outside"), ("gone", "nowhere"),
      ] {
        try FileManager.default.createSymbolicLink(atPath: top.appending(path: name).path, withDestinationPath: target)
      }
      let listing = try InputListing([top], readTable: noTable)
      #expect(listing.entries.map(\.path) == ["other/2.png", "real/1.png"])
      #expect(listing.rejections.map(\.path) == ["gone"])
      #expect(listing.rejections.map(\.code) == [.missingFile])
    }
  }

  @Test func tablesBringPatientsAndSites() throws {
    try withTemporaryFolder { folder in
      try write(["list.csv", "d/1.png", "d/2.png"], in: folder)
      let rows = [["path", "site", "mpp", "patient"], ["d/2.png", "north", "0.5", "p2"], ["d/1.png", "", "", "p1"]]
      let listing = try InputListing([folder.appending(path: "list.csv")]) { _ in rows }
      #expect(listing.entries.map(\.path) == ["d/1.png", "d/2.png"])
      #expect(listing.entries.map(\.patient) == ["p1", "p2"])
      #expect(listing.entries.map(\.site) == [nil, "north"])
      #expect(listing.entries.map(\.micrometresPerPixel) == [nil, 0.5])
      #expect(throws: InputListingError.self) {
        try InputListing([folder.appending(path: "list.csv")]) { _ in [["file"], ["d/1.png"]] }
      }
    }
  }

  @Test func severalInputsShareTheDeepestFolder() throws {
    try withTemporaryFolder { folder in
      try write(["s/a/1.png", "s/b/2.png", "s/b/3.png"], in: folder)
      let inputs = ["s/b", "s/a", "s/b/2.png", "s/none"].map { folder.appending(path: $0) }
      let listing = try InputListing(inputs, readTable: noTable)
      #expect(listing.entries.map(\.path) == ["a/1.png", "b/2.png", "b/3.png"])
      #expect(listing.rejections.map(\.path) == ["none"])
      #expect(listing.root.lastPathComponent == "s")
    }
  }

  @Test func globsMeanWhatShellsMean() {
    let cases: [(String, String, Bool)] = [
      ("*.dcm", "a/b/x.DCM", true), ("*.dcm", "x.dcm.txt", false), ("a/*.png", "a/x.png", true),
      ("a/*.png", "a/b/x.png", false),
      ("a/**/x.png", "a/x.png", true), ("a/**/x.png", "a/b/c/x.png", true), ("a/**/x.png", "a/yx.png", false),
      ("a/**", "a/b/c", true), ("?.png", "1.png", true), ("?.png", "12.png", false), ("[a-c]?", "b1", true),
      ("[!a-c]?", "b1", false), ("**/b/*", "a/b/c", true), ("**/b/*", "b/c", true), ("[", "[", true),
    ]
    for (pattern, path, expected) in cases {
      #expect(GlobPattern(pattern).matches(path) == expected, "\(pattern) \(path)")
    }
  }
}
