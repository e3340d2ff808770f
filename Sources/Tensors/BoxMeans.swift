/// Averages a square plane over boxes: [side, side] to [size, size].
///
/// - Parameter size: divides `side`.
public func boxMeans(
  of plane: UnsafePointer<Float>, side: Int, to size: Int, into target: UnsafeMutablePointer<Float>
) {
  precondition(size > 0 && side.isMultiple(of: size), "\(side) pixels in \(size) boxes")
  let box = side / size
  for y in 0..<size {
    for x in 0..<size {
      var sum: Float = 0
      for dy in 0..<box {
        let row = plane + (y * box + dy) * side + x * box
        for dx in 0..<box { sum += row[dx] }
      }
      target[y * size + x] = sum / Float(box * box)
    }
  }
}
