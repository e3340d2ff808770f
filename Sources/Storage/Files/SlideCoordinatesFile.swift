public import Foundation
public import Records

/// `<slide>_patches.h5`: where the tiles of a slide lie, as TRIDENT writes it.
///
///     /coords        (N, 2) int64      x and y of upper left corners in pixels of level 0
///     attributes of /coords: patch_size, patch_size_level0, level0_magnification, target_magnification, overlap,
///                    level0_width, level0_height (whole numbers); name (text); mpp, level0_mpp (real)
///
/// Magnifications are rounded to whole numbers, as its readers want them; `mpp` (of a tile) and `level0_mpp` are exact. No paths are written.
public enum SlideCoordinatesFile {
  /// Writes the file aside, then renames it over `url`. - Throws: `HDF5Error`.
  public static func write(_ slide: SlideCoordinates, to url: URL) throws {
    try HDF5File.write(to: url) { file in
      try file.write(
        slide.corners.flatMap { [Int64($0.x), Int64($0.y)] }, shape: [slide.corners.count, 2], to: "/coords")
      let whole: [(String, Int)] = [
        ("patch_size", slide.tileSize), ("patch_size_level0", slide.levelZeroSize),
        ("level0_magnification", SlideCoordinates.magnification(slide.slideMicrometresPerPixel)),
        ("target_magnification", SlideCoordinates.magnification(slide.micrometresPerPixel)),
        ("overlap", slide.overlap), ("level0_width", slide.width), ("level0_height", slide.height),
      ]
      for (name, number) in whole { try file.setAttribute(name, to: .integer(Int64(number)), on: "/coords") }
      try file.setAttribute("mpp", to: .real(slide.micrometresPerPixel), on: "/coords")
      try file.setAttribute("level0_mpp", to: .real(slide.slideMicrometresPerPixel), on: "/coords")
      try file.setAttribute("name", to: .string(slide.name), on: "/coords")
    }
  }

  /// Reads such a file; one of TRIDENT's own does not say `mpp`, for which its magnifications stand.
  /// - Throws: `HDF5Error` if it can't be read, `FormatError` if it is not such a file.
  public static func read(from url: URL) throws -> SlideCoordinates {
    let file = try HDF5File(reading: url)
    let coordinates = try file.dataset("/coords", axes: 2, last: [2], wanted: "(N, 2)").read(Int64.self)
    func number(_ name: String) throws -> Double? {
      switch try file.attribute(name, on: "/coords") {
      case .integer(let number): Double(number)
      case .real(let number): number
      default: nil
      }
    }
    func whole(_ name: String, atLeast least: Int) throws -> Int {
      guard let value = try number(name), value >= Double(least), value < 0x1p31 else {
        throw FormatError(path: file.path, problem: .missing(object: "/coords attribute \(name)"))
      }
      return Int(value)
    }
    func resolution(_ name: String, _ magnification: String) throws -> Double {
      if let stated = try number(name), stated > 0, stated.isFinite { return stated }
      return 10 / Double(try whole(magnification, atLeast: 1))
    }
    var name = ""
    if case .string(let text) = try file.attribute("name", on: "/coords") { name = text }
    let size = try whole("patch_size", atLeast: 1)
    return SlideCoordinates(
      name: name,
      corners: (0..<coordinates.count / 2).map {
        SlideCoordinates.Corner(x: Int(coordinates[2 * $0]), y: Int(coordinates[2 * $0 + 1]))
      },
      tileSize: size, levelZeroSize: try whole("patch_size_level0", atLeast: 1),
      overlap: min(try whole("overlap", atLeast: 0), size - 1), width: try whole("level0_width", atLeast: 1),
      height: try whole("level0_height", atLeast: 1),
      slideMicrometresPerPixel: try resolution("level0_mpp", "level0_magnification"),
      micrometresPerPixel: try resolution("mpp", "target_magnification"))
  }
}
