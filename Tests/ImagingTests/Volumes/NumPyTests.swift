import Foundation
import Imaging
import TestSupport
import Testing

/// Arrays beside what NumPy wrote (`Tests/Fixtures/Imaging/volumes.py`).
struct NumPyTests {
  private static func open(_ name: String, _ fixture: Fixture, _ folder: URL, slices: Int? = nil) throws
    -> any PictureSource
  {
    let file = folder.appending(path: "arrays")
    try Data(fixture.bytes("numpy.\(name).file")).write(to: file)
    var options = ReadingOptions()
    options.slices = slices
    return try PictureSources.open(file.path, options)
  }

  @Test func picturesAreThoseOfTheArrays() throws {
    let fixture = try Fixture("Imaging/volumes")
    let cases: [(String, [String])] = [
      ("grey.npz", ["train_images", "val_images", "test_images"]),
      ("grey-plain.npz", ["train_images", "val_images", "test_images"]), ("colour.npz", ["train_images"]),
      ("volume.npz", ["train_images", "val_images"]), ("plane.npy", [""]), ("rgb.npy", [""]), ("stack.npy", [""]),
      ("floats.npy", [""]), ("truths.npy", [""]), ("fortran.npy", [""]),
    ]
    try withTemporaryFolder { folder in
      for (file, arrays) in cases {
        let source = try NumPyTests.open(file, fixture, folder)
        var index = 0
        for array in arrays {
          let name = "numpy.\(file.dropLast(4)).\(array)"
          let shape = fixture.integers(name + ".shape")
          var bytes: [UInt8] = []
          for item in 0..<shape[0] {
            for slice in 0..<shape[1] {
              let picture = try source.picture(index)
              let stored = picture.stored
              #expect(
                [stored.rows, stored.columns, stored.samples, stored.type.width] == Array(shape[2...]), "\(file)")
              bytes += stored.bytes
              let number = shape[1] > 1 ? "\(item)/\(slice)" : "\(item)"
              let expected = source.count == 1 ? "" : array.isEmpty ? number : "\(array)/\(number)"
              #expect(picture.facts.item == expected && picture.facts.frame == (source.count == 1 ? nil : index))
              index += 1
            }
          }
          #expect(bytes == fixture.bytes(name + ".stored"), "\(file) \(array)")
        }
        #expect(index == source.count && source.facts.frames == index, "\(file)")
      }
    }
  }

  @Test func slicesOfVolumesAreSpread() throws {
    let fixture = try Fixture("Imaging/volumes")
    try withTemporaryFolder { folder in
      let source = try NumPyTests.open("volume.npz", fixture, folder, slices: 2)
      #expect(source.count == 8 && source.facts.frames == 20)
      let items: [String] = try (0..<8).map { try source.picture($0).facts.item }
      #expect(
        Array(items.prefix(5)) == [
          "train_images/0/1", "train_images/0/3", "train_images/1/1", "train_images/1/3", "val_images/0/1",
        ])
      #expect(try source.picture(4).facts.frame == 11)
    }
  }

  @Test func shadesAreThoseOfTheirType() throws {
    let fixture = try Fixture("Imaging/volumes")
    try withTemporaryFolder { folder in
      let truths = try NumPyTests.open("truths.npy", fixture, folder).picture(1)
      #expect(truths.picture.planes() == truths.stored.bytes.map { Float($0) } && truths.facts.bits == 1)
      let floats = try NumPyTests.open("floats.npy", fixture, folder).picture(2)
      let values = (0..<42).map { Float(floats.stored[$0]) }
      #expect(normalizedError(floats.picture.planes(), values) < 1e-7 && floats.facts.rendering == .stored)
      // One window for all of an array: from its least to its greatest of 168 numbers, of which a hundredth is less than two.
      let stack = try NumPyTests.open("stack.npy", fixture, folder)
      let pictures = try (0..<4).map { try stack.picture($0) }
      let all = pictures.flatMap { picture in (0..<42).map { picture.stored[$0] } }
      let (low, high) = (all.min()!, all.max()!)
      let expected = all.map { Float(($0 - low) / (high - low)) }
      #expect(normalizedError(pictures.flatMap { $0.picture.planes() }, expected) < 1e-6)
      #expect(pictures[0].facts.rendering == .percentiles)
    }
  }

  @Test func picklesAreRefusedAndNeverRead() throws {
    let fixture = try Fixture("Imaging/volumes")
    try withTemporaryFolder { folder in
      for name in ["objects.npy", "objects.npz"] {
        do {
          _ = try NumPyTests.open(name, fixture, folder)
          Issue.record("\(name) was opened")
        } catch { #expect((error as? DecodeFailure)?.code == .unsupportedEncoding, "\(name)") }
      }
    }
  }
}
