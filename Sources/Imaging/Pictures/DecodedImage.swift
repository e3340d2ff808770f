/// One picture as planes of floats, and what its file said of it.
///
/// `pixels` holds `channels` planes [height, width] one after the other, values 0…1 with 0 black: after rescale, window and
/// inversion for DICOM, after rotation to the upright for photographs. Grey stored as three equal channels has one plane.
public struct DecodedImage: Sendable, Equatable {
  public var pixels: [Float]
  /// 1 (grey) or 3 (red, green, blue).
  public var channels: Int
  public var height: Int
  public var width: Int
  public var facts: ImageFacts

  /// - Precondition: `pixels` holds `channels * height * width` values; `channels` is 1 or 3.
  public init(pixels: [Float], channels: Int, height: Int, width: Int, facts: ImageFacts) {
    precondition(channels == 1 || channels == 3, "\(channels) channels")
    precondition(
      pixels.count == channels * height * width, "\(pixels.count) samples for \(channels)×\(height)×\(width)")
    self.pixels = pixels
    self.channels = channels
    self.height = height
    self.width = width
    self.facts = facts
  }
}
