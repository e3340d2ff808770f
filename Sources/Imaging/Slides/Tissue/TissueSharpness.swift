import Foundation

/// How blurred the tissue of a tile is.
///
/// Detail of one pixel against detail of three: `r = mean |g − G₁| / mean |G₁ − G₃|` over tissue, `g` the grey and `Gσ` it smoothed by a Gaussian. The
/// quotient does not depend on stain or contrast, which the variance of a Laplacian does; glass, dust and ink don't count.
enum TissueSharpness {
  /// `1 / (1 + r)`, 0…1: about 0.5 where the tile is sharp, towards 1 where it is blurred; nil with fewer than 1 % tissue.
  static func blur(_ pixels: [UInt8], size: Int, isTissue: [Bool]) -> Double? {
    let grey = [Float](unsafeUninitializedCapacity: size * size) { target, count in
      for i in 0..<size * size {
        target[i] = 0.299 * Float(pixels[3 * i]) + 0.587 * Float(pixels[3 * i + 1]) + 0.114 * Float(pixels[3 * i + 2])
      }
      count = size * size
    }
    let fine = smoothed(grey, size: size, sigma: 1)
    let coarse = smoothed(grey, size: size, sigma: 3)
    var detail = 0.0
    var structure = 0.0
    var count = 0
    for i in 0..<size * size where isTissue[i] {
      detail += Double(abs(grey[i] - fine[i]))
      structure += Double(abs(fine[i] - coarse[i]))
      count += 1
    }
    if count * 100 < size * size || count == 0 { return nil }
    // Half a grey level of structure is noise.
    let ratio = detail / (structure + 0.5 * Double(count))
    return 1 / (1 + ratio)
  }

  /// Gaussian of radius 3σ, edges mirrored.
  private static func smoothed(_ source: [Float], size: Int, sigma: Double) -> [Float] {
    let radius = Int(3 * sigma)
    var weights = (-radius...radius).map { exp(-Double($0 * $0) / (2 * sigma * sigma)) }
    let total = weights.reduce(0, +)
    weights = weights.map { $0 / total }
    let kernel = weights.map { Float($0) }
    let places = (-radius..<size + radius).map { place -> Int in
      var place = place
      while place < 0 || place >= size { place = place < 0 ? -1 - place : 2 * size - 1 - place }
      return place
    }
    var rows = [Float](repeating: 0, count: size * size)
    var result = rows
    var padded = [Float](repeating: 0, count: size + 2 * radius)
    source.withUnsafeBufferPointer { source in
      rows.withUnsafeMutableBufferPointer { rows in
        padded.withUnsafeMutableBufferPointer { padded in
          for y in 0..<size {
            for (k, place) in places.enumerated() { padded[k] = source[y * size + place] }
            for x in 0..<size {
              var sum: Float = 0
              for k in 0...2 * radius { sum += kernel[k] * padded[x + k] }
              rows[y * size + x] = sum
            }
          }
        }
      }
    }
    rows.withUnsafeBufferPointer { rows in
      result.withUnsafeMutableBufferPointer { result in
        for y in 0..<size {
          for k in 0...2 * radius {
            let (weight, line) = (kernel[k], places[y + k] * size)
            for x in 0..<size { result[y * size + x] += weight * rows[line + x] }
          }
        }
      }
    }
    return result
  }
}
