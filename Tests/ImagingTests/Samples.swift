import Foundation
import Imaging
import TestSupport

/// Small files for the tests of this room.
enum Samples {
  static func file(_ name: String) -> String { Fixture.folder.appending(path: "Imaging/files/\(name)").path }

  /// A grey picture as PGM: width × height bytes.
  static func pgm(_ width: Int, _ height: Int, _ value: (Int, Int) -> UInt8) -> Data {
    var data = Data("P5\n\(width) \(height)\n255\n".utf8)
    for y in 0..<height { for x in 0..<width { data.append(value(x, y)) } }
    return data
  }

  /// The same as PPM, its three channels equal, or given one by one.
  static func ppm(_ width: Int, _ height: Int, _ value: (Int, Int, Int) -> UInt8) -> Data {
    var data = Data("P6\n\(width) \(height)\n255\n".utf8)
    for y in 0..<height { for x in 0..<width { for channel in 0..<3 { data.append(value(x, y, channel)) } } }
    return data
  }

  /// A picture of given shades: `channels` planes [height, width].
  static func picture(_ shades: [Float], channels: Int = 1, height: Int, width: Int) -> Picture {
    let raster = StoredPixels(
      bytes: [UInt8](repeating: 0, count: height * width), columns: width, rows: height, samples: 1, type: .uint8)
    return Picture(raster, .shades(shades, channels: channels))
  }

  /// The test program that serves as a pool's child; it lies beside the tests' own.
  static func pool(children: Int = 1, seconds: Double = 60) throws -> DecoderPool {
    let tests = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    let program = tests.deletingLastPathComponent().appending(path: "DecoderChild")
    return try DecoderPool(.init(executable: program, arguments: []), children: children, secondsPerFile: seconds)
  }
}
