/// What looks wrong with a picture, judged on the full-size decode by its histogram of mean grey:
///
/// - `blank`: 99 % of the pixels lie within one step of 8 bits.
/// - `low_contrast`: the 1st and 99th percentiles are less than 0.05 of the range apart (scikit-image's `is_low_contrast`), not blank.
/// - `clipped`: more than 2 % of the pixels are at the brightest value there is, and the picture is not blank.
///
/// Black is never called clipped: a dark background is what a radiograph has. White backgrounds of tissue are flagged, as they are saturated.
enum QualityFlags {
  private static let bins = 4096

  /// Sorted names. - Complexity: O(pixels).
  static func judge(_ picture: Picture) -> [String] {
    let plane = picture.height * picture.width
    var histogram = [Int](repeating: 0, count: bins)
    var saturated = 0
    var shades = [Float](repeating: 0, count: picture.width)
    var greys = shades
    for row in 0..<picture.height {
      for channel in 0..<picture.channels {
        shades.withUnsafeMutableBufferPointer { picture.shades(row: row, channel: channel, into: $0.baseAddress!) }
        for x in 0..<picture.width { greys[x] = channel == 0 ? shades[x] : greys[x] + shades[x] }
      }
      for x in 0..<picture.width {
        let grey = greys[x] / Float(picture.channels)
        histogram[Int(grey * Float(bins - 1) + 0.5)] += 1
        if grey >= 0.99999 { saturated += 1 }
      }
    }
    func spread(_ tail: Double) -> Double {
      let cut = Int((tail * Double(plane)).rounded(.down))
      return Double(rank(histogram, plane - 1 - cut) - rank(histogram, cut)) / Double(bins - 1)
    }
    if spread(0.005) <= 1.01 / 255 { return ["blank"] }
    var flags: [String] = []
    if Double(saturated) > 0.02 * Double(plane) { flags.append("clipped") }
    if spread(0.01) < 0.05 { flags.append("low_contrast") }
    return flags
  }

  /// The bin of the value of that rank, counted from 0.
  private static func rank(_ histogram: [Int], _ rank: Int) -> Int {
    var below = 0
    for (bin, count) in histogram.enumerated() {
      below += count
      if below > rank { return bin }
    }
    return histogram.count - 1
  }
}
