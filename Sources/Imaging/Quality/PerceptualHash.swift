import Foundation

/// 64 bits that pictures which look alike share but for a few: the signs of the 8 × 8 lowest frequencies about their median (pHash, Zauner 2010).
///
/// The mean grey of the whole picture at 32 × 32 pixels (`ClipSampler.thumbnail`), unnormalised DCT-II along columns, then rows; the 8 × 8 coefficients of lowest
/// frequency, the mean among them; a bit is 1 where the coefficient is greater than the median of the 64. Row by row, the first bit
/// is the highest of the first hexadecimal digit: the order of the Python package imagehash, which agrees bit for bit on a picture of 32 × 32.
package struct PerceptualHash: Hashable, Sendable {
  package let bits: UInt64

  /// nil for a picture whose thumbnail has no contrast to speak of (standard deviation below 0.002): its bits would be noise.
  package init?(_ picture: Picture) { self.init(thumbnail: ClipSampler.thumbnail(of: picture)) }

  /// - Precondition: 32 × 32 values of 0…1.
  package init?(thumbnail: [Float]) {
    let size = ClipSampler.thumbnailSize
    precondition(thumbnail.count == size * size, "\(thumbnail.count) pixels")
    let mean = thumbnail.reduce(0) { $0 + Double($1) } / Double(thumbnail.count)
    let variance = thumbnail.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(thumbnail.count)
    if variance < 0.002 * 0.002 { return nil }
    var basis = [Double](repeating: 0, count: 8 * size)
    for k in 0..<8 {
      for n in 0..<size { basis[k * size + n] = cos(Double.pi * Double(k) * Double(2 * n + 1) / Double(2 * size)) }
    }
    var columns = [Double](repeating: 0, count: 8 * size)
    for k in 0..<8 {
      for y in 0..<size {
        for x in 0..<size { columns[k * size + x] += basis[k * size + y] * Double(thumbnail[y * size + x]) }
      }
    }
    var low = [Double](repeating: 0, count: 64)
    for k in 0..<8 {
      for l in 0..<8 { for x in 0..<size { low[k * 8 + l] += basis[l * size + x] * columns[k * size + x] } }
    }
    let sorted = low.sorted()
    let median = (sorted[31] + sorted[32]) / 2
    bits = low.reduce(0) { $0 << 1 | ($1 > median ? 1 : 0) }
  }

  /// From 16 hexadecimal digits; nil for anything else.
  package init?(_ digits: String) {
    guard digits.utf8.count == 16, digits.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let bits = UInt64(digits, radix: 16)
    else { return nil }
    self.bits = bits
  }

  /// 16 hexadecimal digits, lower case.
  package var digits: String {
    let text = String(bits, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }

  /// The bits in which two hashes differ, 0…64: 0–6 for one film re-encoded or resized, about 32 for pictures that have nothing in common.
  package static func distance(_ a: PerceptualHash, _ b: PerceptualHash) -> Int { (a.bits ^ b.bits).nonzeroBitCount }
}
