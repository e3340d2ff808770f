import Foundation
import Records

/// A window over stored numbers of any type: from `low`, which is black, to `high`, which is white, linear between, after slope and intercept.
///
/// Numbers that are none are black.
struct ValueWindow {
  var low: Double
  var high: Double
  var slope = 1.0
  var intercept = 0.0

  /// Numbers looked at to find percentiles.
  static let sampleSize = 1 << 18

  func callAsFunction(_ stored: Double) -> Float {
    let shade = high > low ? (stored * slope + intercept - low) / (high - low) : 0
    // Not a number, out of numbers beyond all bounds, is 0.
    return shade > 0 ? (shade < 1 ? Float(shade) : 1) : 0
  }

  /// Between the 0.5th and 99.5th percentiles of the finite numbers of a picture, of all or of so many evenly spread.
  static func percentiles(of picture: StoredPixels) -> ValueWindow {
    let total = picture.bytes.count / picture.type.width
    let count = min(total, sampleSize)
    return percentiles(of: (0..<count).map { picture[total > count ? $0 * total / count : $0] })
  }

  /// As above, of numbers after slope and intercept.
  static func percentiles(of values: [Double], slope: Double = 1, intercept: Double = 0) -> ValueWindow {
    // Slopes of damaged files leave the range of numbers.
    let window = PercentileWindow(values.map { $0 * slope + intercept }.filter(\.isFinite))
    return ValueWindow(low: window.low, high: window.high, slope: slope, intercept: intercept)
  }

  /// `raster` under `window`: by a table where its samples are 8 or 16 bits wide, else worked out for every pixel.
  /// - Precondition: 1 or 3 samples a pixel.
  static func picture(_ raster: StoredPixels, _ window: ValueWindow, isInverted: Bool = false) -> Picture {
    func shade(_ stored: Double) -> Float { isInverted ? 1 - window(stored) : window(stored) }
    switch raster.type {
    case .uint8: return Picture(raster, .table((0..<256).map { shade(Double($0)) }))
    case .int8: return Picture(raster, .table((0..<256).map { shade(Double(Int8(truncatingIfNeeded: $0))) }))
    case .uint16: return Picture(raster, .table((0..<65_536).map { shade(Double($0)) }))
    case .int16: return Picture(raster, .table((0..<65_536).map { shade(Double(Int16(truncatingIfNeeded: $0))) }))
    case .uint32, .int32, .uint64, .int64, .float32, .float64:
      let pixels = raster.rows * raster.columns
      let samples = raster.samples
      let shades = [Float](unsafeUninitializedCapacity: pixels * samples) { target, count in
        for i in 0..<pixels { for k in 0..<samples { target[k * pixels + i] = shade(raster[i * samples + k]) } }
        count = pixels * samples
      }
      return Picture(raster, .shades(shades, channels: samples))
    }
  }
}
