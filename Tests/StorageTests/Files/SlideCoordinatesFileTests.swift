import Foundation
import Records
import Storage
import TestSupport
import Testing

struct SlideCoordinatesFileTests {
  private let slide = SlideCoordinates(
    name: "CMU-1", corners: [.init(x: 0, y: 449), .init(x: 46_000, y: 449), .init(x: 7, y: 32_000)], tileSize: 224,
    levelZeroSize: 449, overlap: 16, width: 46_000, height: 32_914, slideMicrometresPerPixel: 0.2495,
    micrometresPerPixel: 0.5)

  @Test func namesAndTypesAreTRIDENTs() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "CMU-1_patches.h5")
      try SlideCoordinatesFile.write(slide, to: url)
      let file = try HDF5File(reading: url)
      let coordinates = try file.dataset("/coords")
      #expect(coordinates.shape == [3, 2] && coordinates.scalarType == .int64)
      #expect(try coordinates.read(Int64.self) == [0, 449, 46_000, 449, 7, 32_000])
      let whole: [(String, Int64)] = [
        ("patch_size", 224), ("patch_size_level0", 449), ("level0_magnification", 40), ("target_magnification", 20),
        ("overlap", 16), ("level0_width", 46_000), ("level0_height", 32_914),
      ]
      for (name, number) in whole { #expect(try file.attribute(name, on: "/coords") == .integer(number), "\(name)") }
      #expect(try file.attribute("name", on: "/coords") == .string("CMU-1"))
      #expect(try file.attribute("mpp", on: "/coords") == .real(0.5))
      #expect(try SlideCoordinatesFile.read(from: url) == slide)
    }
  }

  @Test func aSlideWithoutTilesIsAnEmptyTable() throws {
    try withTemporaryFolder { folder in
      var empty = slide
      empty.corners = []
      let url = folder.appending(path: "empty_patches.h5")
      try SlideCoordinatesFile.write(empty, to: url)
      #expect(try SlideCoordinatesFile.read(from: url) == empty)
    }
  }
}
