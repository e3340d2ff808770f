import Kernels

/// What lossy JPEG does to a crop, without the file: 8 × 8 cosine transform, quantisation, and back (ITU-T T.81, A.3.3 and A.3.4).
///
/// Tables are the examples of T.81 Annex K scaled as the Independent JPEG Group does, so that a quality means what it means everywhere.
/// Colour goes through JFIF's YCbCr, chroma at full resolution; at the right and lower edge the last pixel is repeated, as encoders do.
package enum JPEGArtefacts {
  /// T.81 table K.1, by rows.
  private static let luminance: [Int] = [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
    87, 80,
    62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92,
    95, 98,
    112, 100, 103, 99,
  ]

  /// T.81 table K.2, by rows.
  private static let chrominance: [Int] = [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99,
    99, 99,
    99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    99, 99,
    99, 99,
  ]

  /// The 64 steps by rows. - Precondition: `quality` is in 1…100.
  package static func table(quality: Int, isChrominance: Bool) -> [Int] {
    precondition((1...100).contains(quality), "JPEG quality \(quality)")
    let percent = quality < 50 ? 5000 / quality : 200 - 2 * quality
    return (isChrominance ? chrominance : luminance).map { min(max(($0 * percent + 50) / 100, 1), 255) }
  }

  /// Changes square planes in 0…1 in place: one of grey, or three of red, green and blue one after the other.
  static func apply(to planes: UnsafeMutablePointer<Float>, side: Int, channels: Int, quality: Int) {
    let fine = table(quality: quality, isChrominance: false).map { Float($0) }
    let count = side * side
    if channels == 1 { return augment_jpeg_plane(planes, side, fine, 128) }
    let coarse = table(quality: quality, isChrominance: true).map { Float($0) }
    augment_to_ycc(planes, planes + count, planes + 2 * count, count)
    augment_jpeg_plane(planes, side, fine, 128)
    augment_jpeg_plane(planes + count, side, coarse, 0)
    augment_jpeg_plane(planes + 2 * count, side, coarse, 0)
    augment_from_ycc(planes, planes + count, planes + 2 * count, count)
  }
}
