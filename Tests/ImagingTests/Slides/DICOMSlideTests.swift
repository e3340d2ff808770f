import Foundation
import Imaging
import Records
import TestSupport
import Testing

/// DICOM slides of 150 × 120 pixels of 0.5 µm in frames of 32 × 32: red = 60 + x, green = 30, blue = 110 + y.
struct DICOMSlideTests {
  private func options(mpp: Double = 0.5, size: Int = 40) -> ReadingOptions {
    var options = ReadingOptions()
    options.tiles.size = size
    options.tiles.micrometresPerPixel = mpp
    return options
  }

  @Test func framesOfAFullSlideLieRowByRow() throws {
    let slide = try PictureSources.open(Samples.file("slide_full.dcm"), options())
    #expect(slide.count == 3 * 3 && slide.facts.kind == .slide && slide.facts.patientID == "SLIDE-PATIENT")
    for index in 0..<slide.count {
      let tile = try slide.picture(index)
      let place = try #require(tile.facts.tile)
      #expect(place.x == index % 3 * 40 && place.y == index / 3 * 40 && place.slideWidth == 150)
      for i in 0..<1600 {
        let wanted: [Double] = [Double(60 + place.x + i % 40), 30, Double(110 + place.y + i / 40)]
        let got: [Double] = [tile.stored[3 * i], tile.stored[3 * i + 1], tile.stored[3 * i + 2]]
        #expect(got == wanted, "tile \(index), pixel \(i)")
        if got != wanted { return }
      }
    }
  }

  /// The second level is used where it is fine enough: twice as large pixels are its own, at x = 0.5, 2.5, …
  @Test func levelsOfOneSeriesAreOnePyramid() throws {
    let slide = try PictureSources.open(Samples.file("slide_full.dcm"), options(mpp: 1, size: 30))
    let tile = try slide.picture(0)
    for i in 0..<900 { #expect(tile.stored[3 * i] == Double(61 + 2 * (i % 30))) }
    #expect(tile.facts.tile?.levelZeroSize == 60)
  }

  @Test func labelsAndSmallerLevelsAreRefused() {
    for (name, code) in [
      ("slide_full_half.dcm", Rejection.Code.pyramidLevel), ("slide_label.dcm", .slideLabel),
    ] {
      #expect(throws: DecodeFailure.self) { try PictureSources.open(Samples.file(name), options()) }
      do throws(DecodeFailure) { _ = try PictureSources.open(Samples.file(name), options()) } catch {
        #expect(error.code == code)
      }
    }
  }

  /// A level that lies alone is read at its own resolution.
  @Test func aLevelByItselfIsASlide() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "level")
      try FileManager.default.copyItem(atPath: Samples.file("slide_full_half.dcm"), toPath: file.path)
      let slide = try PictureSources.open(file.path, options(mpp: 1, size: 30))
      #expect(slide.count == 4 && slide.facts.micrometresPerPixel == 1)
    }
  }

  /// Frames in any order, those of a second focal plane among them; what was not scanned is white.
  @Test func framesOfASparseSlideSayWhereTheyLie() throws {
    let path = Samples.file("slide_sparse.dcm")
    let slide = try DICOMSlide(try DICOMFile(path))
    let pixels = try slide.region(level: 0, SlideRectangle(x: 0, y: 0, width: 150, height: 120))
    for y in 0..<120 {
      for x in 0..<150 {
        let isMissing = x >= 128 && y < 32
        let wanted = isMissing ? [255, 255, 255] : [UInt8(60 + x), 30, UInt8(110 + y)]
        let got = Array(pixels[3 * (150 * y + x)..<3 * (150 * y + x) + 3])
        #expect(got == wanted, "\(x), \(y)")
        if got != wanted { return }
      }
    }
    let beyond = try slide.region(level: 0, SlideRectangle(x: -2, y: 119, width: 3, height: 2))
    #expect(beyond[0..<6].allSatisfy { $0 == 255 } && Array(beyond[6..<9]) == [60, 30, 229])
    #expect(beyond[9...].allSatisfy { $0 == 255 })
  }
}
