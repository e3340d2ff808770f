/// How a picture of any size becomes `size` × `size`: which part is taken, and how it is shrunk.
///
/// Resampling is separable with a triangle filter whose support grows with the reduction, so that every source pixel counts
/// (Pillow's `BILINEAR` with antialiasing; see `Resampling`). Padding is black, the darkness at the edge of a film.
public struct Preprocessing: Hashable, Codable, Sendable {
  /// What happens to a picture that is not square.
  public enum Fit: String, Codable, Sendable, CaseIterable {
    /// The whole picture, its shape kept, centred on black.
    case pad
    /// The central square.
    case crop
    /// The whole picture, its shape lost.
    case stretch
  }

  public var size: Int
  public var fit: Fit

  /// - Precondition: `size` is in 1…65,536.
  public init(size: Int, fit: Fit = .pad) {
    precondition((1...65_536).contains(size), "pictures of \(size) pixels a side")
    self.size = size
    self.fit = fit
  }

  /// One line of canonical JSON (keys sorted, no spaces) for `Provenance.preprocessing`.
  public var canonicalDescription: String {
    #"{"dicom":"modality,voi_or_percentiles_0.5_99.5,inversion","filter":"triangle","fit":"\#(fit.rawValue)","size":\#(size)}"#
  }

  /// The planes of `source` at [channels, size, size]. - Complexity: O(source pixels · channels). Deterministic.
  package func callAsFunction(_ source: Picture) -> [Float] {
    var pixels = [Float](repeating: 0, count: source.channels * size * size)
    let (box, placed) = placement(height: source.height, width: source.width)
    let small = Resampling.resize(
      height: source.height, width: source.width, channels: source.channels, isInterleaved: source.isInterleaved,
      box: box, toHeight: placed.height, width: placed.width
    ) { source.row($0, into: $1) }
    for channel in 0..<source.channels {
      for y in 0..<placed.height {
        let start = (channel * size + placed.top + y) * size + placed.left
        let line = (channel * placed.height + y) * placed.width
        pixels.replaceSubrange(start..<start + placed.width, with: small[line..<line + placed.width])
      }
    }
    return pixels
  }

  private typealias Place = (top: Int, left: Int, height: Int, width: Int)

  /// Which rectangle of the source is taken, and where it goes.
  private func placement(height: Int, width: Int) -> (box: Resampling.Box, placed: Place) {
    var box = Resampling.Box(top: 0, left: 0, bottom: Double(height), right: Double(width))
    switch fit {
    case .stretch: return (box, (0, 0, size, size))
    case .crop:
      let side = Double(min(height, width))
      box.top = (Double(height) - side) / 2
      box.left = (Double(width) - side) / 2
      box.bottom = box.top + side
      box.right = box.left + side
      return (box, (0, 0, size, size))
    case .pad:
      let longer = max(height, width)
      func scaled(_ side: Int) -> Int { max(1, (side * size * 2 + longer) / (2 * longer)) }
      let h = scaled(height)
      let w = scaled(width)
      return (box, ((size - h) / 2, (size - w) / 2, h, w))
    }
  }
}
