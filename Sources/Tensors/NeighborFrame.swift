/// Rows as the search for neighbours sees them: less their mean, scaled, turned to principal axes, in 32 bits, with a bound on what
/// that did to distances.
///
/// A row x becomes z = fl(Q · fl(s · (x − o))): o is the mean of the references, s the power of two that brings all numbers to
/// at most 1, and Q has the eigenvectors of a sample's covariance as rows, largest variance first (or is left out). Then
///
///     ‖z_x − z_y‖ ≤ stretch · s · ‖x − y‖ + shift(x) + shift(y)
///
/// Proof. Let w = s(x − o), ŵ its rounding, ‖ŵ − w‖ ≤ u‖w‖ with u = 2⁻²⁴. Q as stored is not quite orthogonal, but
/// ‖Q‖² = ‖QQᵀ‖ ≤ 1 + ‖QQᵀ − I‖_F =: stretch², which is computed in 64 bits, so ‖Q(w_x − w_y)‖ ≤ stretch · s · ‖x − y‖. The
/// product is summed in stretches of 64 numbers, so each element of fl(Qŵ) is wrong by at most γ · Σ|q||ŵ| with
/// γ = (64 + 2 · columns/64 + 8) u (Higham, *Accuracy and Stability*, §3.1, whatever the order), and by Cauchy–Schwarz the
/// row by at most γ √columns · stretch · ‖ŵ‖. What a row's own roundings add up to is its shift. ∎
///
/// Dropping axes only makes ‖z_x − z_y‖ smaller, and so does projecting some of them on a vector of length at most 1: that is
/// what the search's cheap lower bounds are.
struct NeighborFrame {
  /// Products are summed in stretches of this many numbers.
  private static let stretchOfSum = 64
  /// Rows the principal axes are found on, at least.
  private static let sampled = 2048

  let columns: Int
  /// The most by which turning and scaling lengthens a difference, times the scale.
  let stretch: Double
  private let origin: [Double]
  private let scale: Double
  /// `columns × columns`, or nothing.
  private let rotation: [Float]
  private let shiftPerNorm: Double

  var isTurned: Bool { !rotation.isEmpty }

  /// Rows in the frame.
  struct Rows {
    let count: Int
    /// `count × columns` numbers.
    var numbers: [Float]
    /// Of each row: the most by which its own roundings change a distance.
    var shifts: [Double]
  }

  /// A frame centred on `references` that holds `queries` too; turned to principal axes where `turned`.
  init(_ references: Matrix, holding queries: Matrix?, turned: Bool) {
    let columns = references.columns
    var origin = [Double](repeating: 0, count: columns)
    references.withUnsafeBufferPointer { x in
      origin.withUnsafeMutableBufferPointer { origin in
        for row in 0..<references.rows {
          for c in 0..<columns { origin[c] += Double(x[row &* columns &+ c]) }
        }
        for c in 0..<columns { origin[c] /= Double(max(references.rows, 1)) }
      }
    }
    var largest = 0.0
    for held in [references, queries].compactMap({ $0 }) {
      held.withUnsafeBufferPointer { x in
        origin.withUnsafeBufferPointer { origin in
          for row in 0..<held.rows {
            for c in 0..<columns { largest = max(largest, abs(Double(x[row &* columns &+ c]) - origin[c])) }
          }
        }
      }
    }
    let scale = largest > 0 ? Double(sign: .plus, exponent: -largest.exponent - 1, significand: 1) : 1
    let rotation = turned ? Self.principalAxes(references, origin, scale) : nil
    self.columns = columns
    self.origin = origin
    self.scale = scale
    self.rotation = rotation?.axes ?? []
    let lengthening = rotation?.stretch ?? 1
    stretch = lengthening * scale
    let gamma = Double(Self.stretchOfSum + 2 * (columns / Self.stretchOfSum) + 8) * 0x1p-24
    shiftPerNorm = lengthening * (0x1p-23 + (rotation == nil ? 0 : gamma * Double(columns).squareRoot()))
  }

  /// The rows of `points` in this frame.
  func rows(of points: Matrix, workers: WorkerPool) -> Rows {
    let chunk = 256
    var numbers = [Float](repeating: 0, count: points.rows * columns)
    var shifts = [Double](repeating: 0, count: points.rows)
    if columns == 0 { return Rows(count: points.rows, numbers: numbers, shifts: shifts) }
    points.withUnsafeBufferPointer { x in
      numbers.withUnsafeMutableBufferPointer { numbers in
        shifts.withUnsafeMutableBufferPointer { shifts in
          nonisolated(unsafe) let (x, numbers, shifts) = (x.baseAddress!, numbers.baseAddress!, shifts.baseAddress!)
          workers.run(jobs: (points.rows + chunk - 1) / chunk) { job, _ in
            let range = job * chunk..<min((job + 1) * chunk, points.rows)
            put(
              x + range.lowerBound * columns, range.count, numbers + range.lowerBound * columns,
              shifts + range.lowerBound)
          }
        }
      }
    }
    return Rows(count: points.rows, numbers: numbers, shifts: shifts)
  }

  private func put(
    _ x: UnsafePointer<Float>, _ rows: Int, _ target: UnsafeMutablePointer<Float>,
    _ shifts: UnsafeMutablePointer<Double>
  ) {
    var scaled = [Float](repeating: 0, count: isTurned ? rows * columns : 0)
    scaled.withUnsafeMutableBufferPointer { scaled in
      let first = isTurned ? scaled.baseAddress! : target
      origin.withUnsafeBufferPointer { origin in
        for row in 0..<rows {
          var square = 0.0
          for c in 0..<columns {
            let value = Float((Double(x[row &* columns &+ c]) - origin[c]) * scale)
            first[row &* columns &+ c] = value
            square += Double(value) * Double(value)
          }
          shifts[row] = shiftPerNorm * square.squareRoot() * (1 + 1e-12) + Double(columns) * 0x1p-120
        }
      }
      if !isTurned { return }
      rotation.withUnsafeBufferPointer { rotation in
        for start in Swift.stride(from: 0, to: columns, by: Self.stretchOfSum) {
          BLAS.multiply(
            first + start, rotation.baseAddress! + start, transposeB: true, into: target, m: rows, n: columns,
            k: min(Self.stretchOfSum, columns - start), beta: start == 0 ? 0 : 1, strideA: columns, strideB: columns)
        }
      }
    }
  }

  /// Eigenvectors of a sample's covariance as rows, largest variance first, and how much they lengthen at most; nil where LAPACK fails.
  private static func principalAxes(
    _ points: Matrix, _ origin: [Double], _ scale: Double
  ) -> (axes: [Float], stretch: Double)? {
    let columns = points.columns
    let step = max(1, points.rows / max(sampled, 4 * columns))
    let rows = (points.rows + step - 1) / step
    var sample = [Double](repeating: 0, count: rows * columns)
    points.withUnsafeBufferPointer { x in
      for row in 0..<rows {
        for c in 0..<columns { sample[row * columns + c] = (Double(x[row * step * columns + c]) - origin[c]) * scale }
      }
    }
    var gram = [Double](repeating: 0, count: columns * columns)
    BLAS.multiply(
      sample, transposeA: true, sample, into: &gram, m: columns, n: columns, k: rows, alpha: 1 / Double(rows))
    guard let eigen = try? LinearAlgebra.symmetricEigen(gram, order: columns) else { return nil }
    var axes = [Float](repeating: 0, count: columns * columns)
    var exact = [Double](repeating: 0, count: columns * columns)
    for axis in 0..<columns {
      for c in 0..<columns {
        let value = Float(eigen.vectors[(columns - 1 - axis) * columns + c])
        axes[axis * columns + c] = value
        exact[axis * columns + c] = Double(value)
      }
    }
    BLAS.multiply(exact, exact, transposeB: true, into: &gram, m: columns, n: columns, k: columns)
    var square = 0.0
    for a in 0..<columns {
      for b in 0..<columns {
        let off = gram[a * columns + b] - (a == b ? 1 : 0)
        square += off * off
      }
    }
    return (axes, (1 + square.squareRoot() * (1 + 1e-6) + 1e-12).squareRoot())
  }
}
