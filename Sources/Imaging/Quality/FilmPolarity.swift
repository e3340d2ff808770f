/// Whether a radiograph is shown with black and white exchanged, as a file is that says MONOCHROME2 and means MONOCHROME1.
///
/// On a radiograph as it is read, air is dark. Air lies in the corners, most surely in the upper ones, and beside the spine; bodies lie in the middle.
/// With shades stretched between the 1st and 99th percentiles, the measure is
/// (upper corners − middle) + (all corners − all) − (middle columns − columns beside them), each a mean.
///
/// Only asked of grey pictures: tissue and photographs have bright backgrounds by right. Chest films, hands, CT and MR as they are read have at most −0.02,
/// inverted ones 0.2 and more. Ultrasound has no air around a body, and skin is bright above what lies deeper: the measure says nothing there, and calls
/// six of ten breast ultrasounds inverted.
enum FilmPolarity {
  /// −3…3, below 0 as read, above 0 inverted; −3 for a plane of less than 32 pixels a side. - Complexity: O(pixels log pixels).
  static func measure(_ plane: GreyPlane) -> Double {
    let (w, h) = (plane.width, plane.height)
    guard min(w, h) >= 32 else { return -3 }
    let (low, high) = (plane.percentile(0.01), plane.percentile(0.99))
    let scale = 1 / max(high - low, 1e-3)
    func mean(_ rows: Range<Int>, _ columns: Range<Int>) -> Double {
      var sum = 0.0
      for y in rows { for x in columns { sum += Double(min(max((plane.values[y * w + x] - low) * scale, 0), 1)) } }
      return sum / Double(rows.count * columns.count)
    }
    func columns(_ from: Double, _ to: Double) -> Range<Int> { Int(from * Double(w))..<Int(to * Double(w)) }
    let upper = 0..<h / 8
    let lower = h - h / 8..<h
    let left = 0..<w / 8
    let right = w - w / 8..<w
    let inner = h / 4..<3 * h / 4
    let upperCorners = (mean(upper, left) + mean(upper, right)) / 2
    let corners = (upperCorners + (mean(lower, left) + mean(lower, right)) / 2) / 2
    let beside = (mean(inner, columns(0.2, 0.38)) + mean(inner, columns(0.62, 0.8))) / 2
    return upperCorners - mean(inner, w / 4..<3 * w / 4) + corners - mean(0..<h, 0..<w)
      - (mean(inner, columns(0.42, 0.58)) - beside)
  }
}
