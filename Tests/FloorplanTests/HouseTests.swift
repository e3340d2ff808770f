import Floorplan
import Foundation
import TestSupport
import Testing

struct HouseTests {
  @Test func findsImportsHoweverTheyAreSpelt() {
    let text = """
      import Foundation
      public import Records
      @preconcurrency package import Tensors  // why
      import struct Storage.HDF5File
        import Glibc
      // import Comment
      /// import Documentation
      let important = "import Text"
      importer(Nothing)
      """
    #expect(House.imports(of: text) == ["Foundation", "Records", "Tensors", "Storage", "Glibc"])
  }

  @Test func readsACheckoutInTheOrderOfItsManifest() throws {
    try withTemporaryFolder { root in
      func write(_ text: String, to path: String) throws {
        let url = root.appending(path: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
      }
      try write(
        "targets: [ border(\"CZ\", \"z\"), room(\n\"Low\"), .executableTarget(name: \"tool\", path: \"Sources/High\") ]",
        to: "Package.swift")
      try write("module CZ {}\n", to: "Sources/Foreign/CZ/module.modulemap")
      try write("import CZ\nimport Foundation\n\n   \nlet a = 1\n", to: "Sources/Low/a.swift")
      try write("int a;\n", to: "Sources/Low/deep/a.c")
      try write("not source", to: "Sources/Low/notes.md")
      try write("import Low\nimport High\n", to: "Sources/High/b.swift")
      try write("let c = 1\n", to: "Sources/Astray/c.swift")
      try write("", to: "Sources/.hidden/c.swift")
      #expect(
        try House(root: root)
          == House(
            rooms: [
              Room(name: "CZ", lines: 1, imports: [], isBorder: true), Room(name: "Low", lines: 4, imports: ["CZ"]),
              Room(name: "High", lines: 2, imports: ["Low"]),
            ], unlisted: ["Astray"]))
    }
  }

  @Test func floorsAreLongestPaths() throws {
    let house = House(rooms: [
      Room(name: "C", lines: 1, imports: [], isBorder: true), Room(name: "a", lines: 1, imports: ["C"]),
      Room(name: "b", lines: 1, imports: ["a"]), Room(name: "c", lines: 1, imports: ["a", "b"]),
      Room(name: "d", lines: 1, imports: []),
    ])
    #expect(try Floors(house).number == ["C": 0, "a": 1, "b": 2, "c": 3, "d": 1])
  }
}
