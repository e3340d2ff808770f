import Crypto
import Foundation
import Kernels

/// One picture at full size: upright samples, and how a sample becomes a shade. Shades are worked out row by row, where they are asked for.
package struct Picture: Sendable {
  /// Upright: turned as the file's orientation says.
  package private(set) var raster: StoredPixels
  package private(set) var tone: Tone

  /// - Precondition: tone and samples fit: `unit` and tables want 8 or 16 bits and 1 or 3 samples, a palette 1 sample, `shades` all its planes.
  package init(_ raster: StoredPixels, _ tone: Tone = .unit) {
    switch tone {
    case .unit:
      precondition(raster.type == .uint8 || raster.type == .uint16, "unit shades of \(raster.type)")
    case .table(let table):
      precondition(table.count == 1 << (8 * raster.type.width), "\(table.count) shades for \(raster.type)")
    case .palette(let red, let green, let blue):
      precondition(raster.samples == 1, "a palette for \(raster.samples) samples")
      for table in [red, green, blue] {
        precondition(table.count == 1 << (8 * raster.type.width), "\(table.count) colours for \(raster.type)")
      }
    case .shades(let shades, let channels):
      precondition(channels == 1 || channels == 3, "\(channels) channels")
      precondition(shades.count == channels * raster.rows * raster.columns, "\(shades.count) shades")
    }
    if case .shades = tone {
    } else {
      precondition(raster.samples == 1 || raster.samples == 3, "\(raster.samples) samples a pixel")
    }
    self.raster = raster
    self.tone = tone
  }

  package var height: Int { raster.rows }
  package var width: Int { raster.columns }
  /// 1 (grey) or 3 (red, green, blue).
  package var channels: Int {
    switch tone {
    case .unit, .table: raster.samples
    case .palette: 3
    case .shades(_, let channels): channels
    }
  }

  /// Writes the shades of one row of one channel, `width` values of 0…1. - Complexity: O(width).
  /// - Precondition: `target` has room for them; row and channel are the picture's.
  package func shades(row: Int, channel: Int, into target: UnsafeMutablePointer<Float>) {
    precondition(row >= 0 && row < height && channel >= 0 && channel < channels, "row \(row), channel \(channel)")
    let isSampled =
      switch tone {
      case .unit, .table: true
      case .palette, .shades: false
      }
    let start = row * width * raster.samples + (isSampled ? channel : 0)
    samples(from: start, step: raster.samples, width, channel, target)
  }

  /// Whether `row(_:into:)` writes the channels of a pixel together.
  var isInterleaved: Bool {
    switch tone {
    case .unit, .table: raster.samples == 3
    case .palette, .shades: false
    }
  }

  /// Writes the shades of one row: `width` for each channel, interleaved or one channel after the other. - Complexity: O(width).
  func row(_ row: Int, into target: UnsafeMutablePointer<Float>) {
    if isInterleaved {
      samples(from: row * width * 3, step: 1, 3 * width, 0, target)
    } else {
      for channel in 0..<channels { shades(row: row, channel: channel, into: target + channel * width) }
    }
  }

  /// The shades of `count` samples, `step` apart in storage order; of the precomputed ones, those of a channel's row.
  private func samples(from start: Int, step: Int, _ count: Int, _ channel: Int, _ target: UnsafeMutablePointer<Float>)
  {
    let bytes = Int32(raster.type.width)
    raster.bytes.withUnsafeBytes { raw in
      let source = raw.baseAddress! + start * raster.type.width
      switch tone {
      case .unit:
        picture_scale(source, bytes, step, count, raster.type == .uint8 ? 1 / 255 : 1 / 65535, target)
      case .table(let table): picture_look_up(source, bytes, step, count, table, target)
      case .palette(let red, let green, let blue):
        picture_look_up(source, bytes, step, count, channel == 0 ? red : channel == 1 ? green : blue, target)
      case .shades(let shades, _):
        shades.withUnsafeBufferPointer {
          target.update(from: $0.baseAddress! + channel * height * width + start / raster.samples, count: count)
        }
      }
    }
  }

  /// All shades in planes [channels, height, width]. - Complexity: O(pixels).
  package func planes() -> [Float] {
    if case .shades(let shades, _) = tone { return shades }
    return [Float](unsafeUninitializedCapacity: channels * height * width) { target, count in
      for channel in 0..<channels {
        for row in 0..<height {
          shades(row: row, channel: channel, into: target.baseAddress! + (channel * height + row) * width)
        }
      }
      count = channels * height * width
    }
  }

  /// One channel where three are equal: grey that was stored as colour. - Complexity: O(pixels).
  package func collapsingEqualChannels() -> Picture {
    guard channels == 3 else { return self }
    switch tone {
    case .unit, .table:
      let (pixels, size) = (height * width, raster.type.width)
      let isGrey = raster.bytes.withUnsafeBytes { picture_is_grey($0.baseAddress!, Int32(size), pixels) == 1 }
      if !isGrey { return self }
      let first = [UInt8](unsafeUninitializedCapacity: pixels * size) { target, count in
        raster.bytes.withUnsafeBytes {
          picture_first_of_three($0.baseAddress!, Int32(size), pixels, target.baseAddress!)
        }
        count = pixels * size
      }
      return Picture(
        StoredPixels(bytes: first, columns: width, rows: height, samples: 1, type: raster.type), tone)
    case .palette(let red, let green, let blue):
      var isUsed = [Bool](repeating: false, count: red.count)
      for row in 0..<height { eachSample(row, 0) { _, sample in isUsed[Int(sample)] = true } }
      for i in red.indices where isUsed[i] && (red[i] != green[i] || red[i] != blue[i]) { return self }
      return Picture(raster, .table(red))
    case .shades(let shades, _):
      let plane = height * width
      for i in 0..<plane where shades[i] != shades[plane + i] || shades[i] != shades[2 * plane + i] { return self }
      return Picture(raster, .shades(Array(shades.prefix(plane)), channels: 1))
    }
  }

  /// SHA-256 over shape and shades rounded to 16 bits: what looks the same has it in common, whatever file it came from.
  package func digest() -> String {
    var hash = SHA256()
    hash.update(data: Data("\(channels) \(height) \(width)\n".utf8))
    var shades = [Float](repeating: 0, count: width)
    var words = [UInt16](repeating: 0, count: width)
    for channel in 0..<channels {
      for row in 0..<height {
        shades.withUnsafeMutableBufferPointer { self.shades(row: row, channel: channel, into: $0.baseAddress!) }
        picture_words(shades, width, &words)
        words.withUnsafeBytes { hash.update(bufferPointer: $0) }
      }
    }
    return hash.finalize().hexadecimal
  }

  /// Calls `body` with the bit pattern of each sample of a row.
  @inline(__always)
  private func eachSample(_ row: Int, _ channel: Int, _ body: (_ x: Int, _ sample: UInt16) -> Void) {
    let samples = raster.samples
    raster.bytes.withUnsafeBytes { raw in
      if raster.type.width == 1 {
        let line = raw.baseAddress!.assumingMemoryBound(to: UInt8.self) + row * width * samples + channel
        for x in 0..<width { body(x, UInt16(line[x * samples])) }
      } else {
        let line = raw.baseAddress!.assumingMemoryBound(to: UInt16.self) + row * width * samples + channel
        for x in 0..<width { body(x, line[x * samples]) }
      }
    }
  }
}
