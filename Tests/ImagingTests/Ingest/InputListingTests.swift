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

  private func noTable(_: URL, _: ([String]) throws -> Void) throws {}

  /// Everything a listing says, by kind.
  private struct Listed {
    var entries: [InputListing.Entry] = []
    var rejections: [Rejection] = []
    var order: [String] = []
    var hidden = 0
    var passedOverLinks = 0

    init(_ listing: InputListing) throws {
      let items = listing.items()
      while let item = try items.next() {
        switch item {
        case .file(let entry): entries.append(entry)
        case .rejected(let rejection): rejections.append(rejection)
        }
        order.append(InputListingTests.path(item))
      }
      (hidden, passedOverLinks) = (items.hidden, items.passedOverLinks)
    }
  }

  private static func path(_ item: InputListing.Item) -> String {
    switch item {
    case .file(let entry): entry.path
    case .rejected(let rejection): rejection.path
    }
  }

  private func link(_ name: String, to target: String, in folder: URL) throws {
    try FileManager.default.createSymbolicLink(atPath: folder.appending(path: name).path, withDestinationPath: target)
  }

  @Test func filesAreSortedAndHiddenOnesCounted() throws {
    try withTemporaryFolder { folder in
      try write(["b/2.png", "b/10.png", "a.dcm", "c", ".hidden", "b/.git/config"], in: folder)
      let listing = try Listed(InputListing([folder], readTable: noTable))
      #expect(listing.entries.map(\.path) == ["a.dcm", "b/10.png", "b/2.png", "c"])
      #expect(listing.hidden == 2)
      #expect(listing.rejections.isEmpty)
    }
  }

  @Test func patternsLeaveOutWithAReason() throws {
    try withTemporaryFolder { folder in
      try write(["x/1.png", "x/1.txt", "y/1.PNG", "y/z/2.png"], in: folder)
      let listing = try Listed(
        InputListing([folder], include: ["*.png"], exclude: ["y/**/2.*"], readTable: noTable))
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
      ] { try link(name, to: target, in: top) }
      let listing = try Listed(InputListing([top], readTable: noTable))
      #expect(listing.entries.map(\.path) == ["other/2.png", "real/1.png"])
      #expect(listing.rejections.map(\.path) == ["gone"])
      #expect(listing.rejections.map(\.code) == [.missingFile])
    }
  }

  /// As in archives that git-annex keeps: every file is a link to one that is hidden.
  @Test func linksToWhatIsHiddenAreFollowed() throws {
    try withTemporaryFolder { folder in
      try write([".annex/one", ".annex/two", ".annex/series/3", "real.dcm"], in: folder)
      for (name, target) in [
        ("a.dcm", ".annex/one"), ("b.dcm", ".annex/one"), ("c.dcm", ".annex/two"), ("series", ".annex/series"),
        ("again", ".annex/series"), ("z.dcm", "real.dcm"), ("loop", "loop"),
      ] { try link(name, to: target, in: folder) }
      let listing = try Listed(InputListing([folder], readTable: noTable))
      #expect(listing.entries.map(\.path) == ["a.dcm", "again/3", "c.dcm", "real.dcm"])
      #expect(listing.rejections.map(\.path) == ["loop"])
      #expect(listing.passedOverLinks == 3 && listing.hidden == 1)
    }
  }

  /// The order is that of whole paths, also where a folder's name is the beginning of a file's.
  @Test func orderIsThatOfWholePaths() throws {
    try withTemporaryFolder { folder in
      let names = ["a/x", "a/b/c", "a-b", "a.dcm", "a0", "ä", "Z", "a b/1", "a/b.c", "b/2", "b/10"]
      try write(names, in: folder)
      let listing = try Listed(InputListing([folder], readTable: noTable))
      #expect(listing.order == names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
      let files = listing.entries.map(\.file)
      #expect(files == files.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
      let parts = [folder.appending(path: "b"), folder.appending(path: "a"), folder.appending(path: "a.dcm")]
      let some = try Listed(InputListing(parts + parts, readTable: noTable))
      #expect(some.order == ["a.dcm", "a/b.c", "a/b/c", "a/x", "b/10", "b/2"])
    }
  }

  @Test func whatIsNoFileIsSaidAndNeverOpened() throws {
    try withTemporaryFolder { folder in
      try write(["d/1.png"], in: folder)
      #expect(mkfifo(folder.appending(path: "pipe").path, 0o644) == 0)
      try link("to_pipe", to: "pipe", in: folder)
      let walked = try Listed(InputListing([folder], readTable: noTable))
      #expect(walked.rejections.map(\.path) == ["pipe", "to_pipe"])
      #expect(walked.rejections.map(\.code) == [.notAFile, .notAFile])
      let rows = [["path"], ["d"], ["d/1.png"], ["gone.png"], ["pipe"]]
      let table = folder.appending(path: "list.csv")
      let named = try Listed(InputListing([table]) { _, body in try rows.forEach(body) })
      #expect(named.entries.map(\.path) == ["d/1.png"])
      #expect(named.rejections.map(\.code) == [.notAFile, .missingFile, .notAFile])
    }
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may list every folder"))
  func aFolderThatMayNotBeListedIsARow() throws {
    try withTemporaryFolder { folder in
      try write(["shut/1.png", "open/2.png"], in: folder)
      let shut = folder.appending(path: "shut").path
      chmod(shut, 0)
      defer { chmod(shut, 0o755) }
      let listing = try Listed(InputListing([folder], readTable: noTable))
      #expect(listing.entries.map(\.path) == ["open/2.png"])
      #expect(listing.rejections.map(\.path) == ["shut"] && listing.rejections[0].code == .permissionDenied)
    }
  }

  @Test func tablesBringPatientsAndSites() throws {
    try withTemporaryFolder { folder in
      try write(["list.csv", "d/1.png", "d/2.png"], in: folder)
      let rows = [["path", "site", "mpp", "patient"], ["d/2.png", "north", "0.5", "p2"], ["d/1.png", "", "", "p1"]]
      let table = folder.appending(path: "list.csv")
      let listing = try Listed(InputListing([table]) { _, body in try rows.forEach(body) })
      #expect(listing.entries.map(\.path) == ["d/1.png", "d/2.png"])
      #expect(listing.entries.map(\.patient) == ["p1", "p2"])
      #expect(listing.entries.map(\.site) == [nil, "north"])
      #expect(listing.entries.map(\.micrometresPerPixel) == [nil, 0.5])
      #expect(throws: InputListingError.self) {
        try InputListing([table]) { _, body in try [["file"], ["d/1.png"]].forEach(body) }
      }
    }
  }

  @Test func severalInputsShareTheDeepestFolder() throws {
    try withTemporaryFolder { folder in
      try write(["s/a/1.png", "s/b/2.png", "s/b/3.png"], in: folder)
      let inputs = ["s/b", "s/a", "s/b/2.png", "s/none"].map { folder.appending(path: $0) }
      let whole = try InputListing(inputs, readTable: noTable)
      let listing = try Listed(whole)
      #expect(listing.entries.map(\.path) == ["a/1.png", "b/2.png", "b/3.png"])
      #expect(listing.rejections.map(\.path) == ["none"])
      #expect(whole.root.lastPathComponent == "s")
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
