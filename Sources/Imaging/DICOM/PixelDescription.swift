/// How a DICOM header describes the samples of its pictures: the Image Pixel module (PS3.3 C.7.6.3), nothing decoded.
///
/// Numbers stand as the file has them; `FrameDecoder` refuses what does not fit together.
package struct PixelDescription: Sendable, Hashable {
  /// What a sample is: Pixel Data, Float Pixel Data or Double Float Pixel Data (PS3.3 C.7.6.24, C.7.6.25).
  package enum Number: Sendable, Hashable { case integer, float32, float64 }

  package var rows: Int
  package var columns: Int
  /// Samples a pixel: 1 for grey and palette indices, 3 for colour.
  package var samples: Int
  /// Bits that one sample takes in a native stream: 1, 8, 12, 16, 32 or 64.
  package var bitsAllocated: Int
  package var bitsStored: Int
  package var highBit: Int
  /// Pixel Representation: two's complement of `bitsStored` bits.
  package var isSigned: Bool
  /// Planar Configuration 1: all of the first sample, then all of the second, …
  package var isPlanar: Bool
  /// Photometric Interpretation, without padding.
  package var photometric: String
  package var number: Number

  package init(
    rows: Int, columns: Int, samples: Int = 1, bitsAllocated: Int, bitsStored: Int, highBit: Int,
    isSigned: Bool = false,
    isPlanar: Bool = false, photometric: String = "MONOCHROME2", number: Number = .integer
  ) {
    self.rows = rows
    self.columns = columns
    self.samples = samples
    self.bitsAllocated = bitsAllocated
    self.bitsStored = bitsStored
    self.highBit = highBit
    self.isSigned = isSigned
    self.isPlanar = isPlanar
    self.photometric = photometric
    self.number = number
  }
}
