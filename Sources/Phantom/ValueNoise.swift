import Tensors

/// Fractal value noise (Perlin's fractal sum over smoothed lattice values): mottle in organs, unevenness of stain, direction of fibres.
///
/// About zero mean, within ±1. The lattice repeats after 64 cells.
struct ValueNoise: Sendable {
  private let lattice: [Float]
  private let octaves: Int

  /// - Precondition: `octaves >= 1`.
  init(octaves: Int, _ random: inout RandomGenerator) {
    precondition(octaves >= 1, "\(octaves) octaves")
    self.octaves = octaves
    lattice = (0..<64 * 64).map { _ in Float(random.uniform() * 2 - 1) }
  }

  /// The noise at (x, y), in cells of the coarsest octave; each further octave has half the cell and half the weight.
  func callAsFunction(_ x: Float, _ y: Float) -> Float {
    lattice.withUnsafeBufferPointer { lattice in
      var sum: Float = 0
      var weight: Float = 1
      var total: Float = 0
      var px = x
      var py = y
      for octave in 0..<octaves {
        let fx = px.rounded(.down)
        let fy = py.rounded(.down)
        let ix = Int(fx)
        let iy = Int(fy)
        let tx = ease(px - fx)
        let ty = ease(py - fy)
        let x0 = ix & 63
        let x1 = (ix + 1) & 63
        let y0 = ((iy + 17 * octave) & 63) << 6
        let y1 = ((iy + 17 * octave + 1) & 63) << 6
        let top = lattice[y0 | x0] + (lattice[y0 | x1] - lattice[y0 | x0]) * tx
        let bottom = lattice[y1 | x0] + (lattice[y1 | x1] - lattice[y1 | x0]) * tx
        sum += weight * (top + (bottom - top) * ty)
        total += weight
        weight *= 0.5
        px *= 2
        py *= 2
      }
      return sum / total
    }
  }

  @inline(__always) private func ease(_ t: Float) -> Float { t * t * (3 - 2 * t) }
}
