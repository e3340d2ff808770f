import Foundation
import Storage
import TestSupport
import Testing

struct HDF5FileTests {
  @Test func everySmallShapeComesBack() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.h5")
      for rank in 1...4 {
        try withEvery("shape", in: shapes(rank: rank, longest: rank < 3 ? 4 : 2)) { shape in
          let count = shape.reduce(1, *)
          try HDF5File.write(to: url) { file in
            try file.write((0..<count).map { Float($0) / 3 }, shape: shape, to: "/f")
            try file.write((0..<count).map { Double($0) / 3 }, shape: shape, to: "/deep/er/d")
            try file.write((0..<count).map { UInt8($0) }, shape: shape, to: "/deep/b")
            try file.write((0..<count).map { UInt16($0 * 300) }, shape: shape, to: "/h", compression: .gzip(level: 1))
            try file.write((0..<count).map { Int64(-$0) << 40 }, shape: shape, to: "/i")
          }
          let file = try HDF5File(reading: url)
          let float = try file.dataset("/f")
          #expect(float.shape == shape && float.scalarType == .float32)
          #expect(try float.read(Float.self) == (0..<count).map { Float($0) / 3 })
          #expect(try file.dataset("/deep/er/d").read(Double.self) == (0..<count).map { Double($0) / 3 })
          #expect(try file.dataset("/deep/b").read(UInt8.self) == (0..<count).map { UInt8($0) })
          #expect(try file.dataset("/h").read(UInt16.self) == (0..<count).map { UInt16($0 * 300) })
          #expect(try file.dataset("/i").read(Int64.self) == (0..<count).map { Int64(-$0) << 40 })
          #expect(try file.datasetPaths() == ["/deep/b", "/deep/er/d", "/f", "/h", "/i"])
          let rows = shape[0]
          let rowElements = shape.dropFirst().reduce(1, *)
          for start in 0...rows {
            for end in start...rows {
              #expect(
                try float.readRows(start..<end, Float.self)
                  == (start * rowElements..<end * rowElements).map { Float($0) / 3 })
            }
          }
        }
      }
    }
  }

  @Test func readsWhatStrangersWrite() throws {
    let file = try HDF5File(reading: Fixture.folder.appending(path: "Storage/h5py_objects.h5"))
    #expect(try file.dataset("/float32").read(Float.self) == [0, 0.25, 0.5, 0.75, 1, 1.25])
    #expect(try file.dataset("/float32").read(Double.self) == [0, 0.25, 0.5, 0.75, 1, 1.25])
    #expect(try file.dataset("/big_endian").read(Double.self) == (0..<4).map { Double($0) / 3 })
    #expect(try file.dataset("/float16").read(Float.self) == [0.5, -2])
    #expect(try file.dataset("/int16").read(Int64.self) == [-3, 4])
    #expect(try file.dataset("/uint8").read(UInt16.self) == (0..<24).map { UInt16($0) })
    #expect(try file.dataset("/uint8").shape == [2, 1, 3, 4])
    #expect(try file.dataset("/deep/er/gzipped").readRows(333..<334, UInt16.self) == [999, 1000, 1001])
    #expect(try file.dataset("/scalar").read(Float.self) == [2.5])
    #expect(try file.strings("/text/variable") == ["Thorax", "", "Schädel 头"])
    #expect(try file.strings("/text/padded_by_nul") == ["a", "bcd", ""])
    #expect(try file.strings("/text/padded_by_space") == ["ab", "c d"])
    #expect(try file.attribute("variable") == .string("größer"))
    #expect(try file.attribute("integer") == .integer(-5))
    #expect(try file.attribute("real") == .real(0.1))
    #expect(try file.attribute("unit", on: "/float32") == .string("mm"))
    #expect(try file.attribute("absent") == nil)
    #expect(throws: FormatError.self) { try file.attribute("several") }
    #expect(throws: FormatError.self) { try file.strings("/text/broken") }
    #expect(throws: FormatError.self) { try file.strings("/float32") }
    for (name, read) in [
      ("/int16", { _ = try $0.read(UInt16.self) }), ("/uint64", { _ = try $0.read(Int64.self) }),
      ("/float32", { _ = try $0.read(Int64.self) }), ("/uint8", { _ = try $0.read(Float.self) }),
      ("/text/variable", { _ = try $0.read(Float.self) }),
    ] as [(String, (HDF5Dataset) throws -> Void)] {
      #expect(throws: FormatError.self, "\(name)") { try read(file.dataset(name)) }
    }
    #expect(throws: HDF5Error.self) { try file.dataset("/absent") }
    #expect(try !file.contains("/deep/absent/more"))
    #expect(try file.contains("/deep/er"))
  }

  @Test(arguments: [HDF5TextLayout.fixedLength, .variableLength])
  func textComesBack(_ layout: HDF5TextLayout) throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.h5")
      try withEvery("strings", in: [[], [""], ["", "a"], ["ä头🩻", "  x ", "line\nbreak"], ["é", "e\u{301}"]]) {
        strings in
        try HDF5File.write(to: url) { try $0.write(strings, to: "/t/ids", as: layout) }
        let back = try HDF5File(reading: url).strings("/t/ids")
        #expect(back.map { Array($0.utf8) } == strings.map { Array($0.utf8) })
      }
      #expect(throws: FormatError.self) {
        try HDF5File.write(to: url) { try $0.write(["a\0b"], to: "/t", as: layout) }
      }
    }
  }

  @Test func attributesComeBack() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.h5")
      let values: [HDF5Attribute] = [.string(""), .string("größer"), .integer(.min), .real(0.1), .real(.infinity)]
      try HDF5File.write(to: url) { file in
        try file.createGroup("/g/h")
        for (index, value) in values.enumerated() { try file.setAttribute("a\(index)", to: value, on: "/g/h") }
      }
      let file = try HDF5File(reading: url)
      for (index, value) in values.enumerated() { #expect(try file.attribute("a\(index)", on: "/g/h") == value) }
    }
  }

  @Test func whatFailsLeavesTheOldFileAndNothingElse() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.h5")
      try HDF5File.write(to: url) { try $0.write([1 as Float], shape: [1], to: "/old") }
      struct Interrupted: Error {}
      #expect(throws: Interrupted.self) {
        try HDF5File.write(to: url) { file in
          try file.write([2 as Float], shape: [1], to: "/new")
          throw Interrupted()
        }
      }
      #expect(try HDF5File(reading: url).datasetPaths() == ["/old"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.h5"])
    }
  }

  /// A file of ours, cut at every length: always an error, never a crash, never half a file taken for a whole one.
  @Test func everyTruncationIsAnError() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.h5")
      try HDF5File.write(to: url) { file in
        try file.write([1, 2, 3, 4] as [Float], shape: [2, 2], to: "/g/f")
        try file.setAttribute("text", to: .string("x"))
      }
      let whole = try Data(contentsOf: url)
      let cut = folder.appending(path: "cut.h5")
      for length in 0..<whole.count {
        try whole.prefix(length).write(to: cut)
        #expect(throws: HDF5Error.self, "length \(length)") { try HDF5File(reading: cut) }
      }
      #expect(throws: HDF5Error.self) { try HDF5File(reading: folder.appending(path: "absent.h5")) }
      do { _ = try HDF5File(reading: cut) } catch let error as HDF5Error {
        #expect(
          error.operation == "H5Fopen" && error.code < 0 && error.path == cut.path && error.message != "no message")
      }
    }
  }

  private func shapes(rank: Int, longest: Int) -> [[Int]] {
    if rank == 0 { return [[]] }
    return shapes(rank: rank - 1, longest: longest).flatMap { shape in (0...longest).map { shape + [$0] } }
  }
}
