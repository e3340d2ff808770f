/// How a slice through the third axis of a volume is turned to be looked at, and where it lies in the patient.
///
/// The plane is that of acquisition; it is named after the patient's axis that the third one is closest to. Pictures are turned and mirrored, never
/// interpolated, to lie as on a light box and as DICOM has them: axial with the front above and the patient's right on the left of the picture;
/// coronal with the head above and the right on the left; sagittal with the head above and the front on the left.
struct AxisTurn: Equatable {
  /// As an EXIF orientation, for `StoredPixels.turned(by:)`.
  let orientation: Int
  private let affine: [[Double]]
  private let columns, rows: Int

  /// - Parameter affine: 3 × 4, voxel indices to millimetres to the right, the front and the head; of full rank.
  init(_ affine: [[Double]], columns: Int, rows: Int) {
    self.affine = affine
    self.columns = columns
    self.rows = rows
    let nearest = AxisTurn.nearestAxes(affine)
    // The patient's axis along the rows of the picture, and the one down its columns.
    let (across, down) = [(1, 2), (0, 2), (0, 1)][nearest[2]]
    let isTransposed = nearest[0] == down
    // On the picture all of them run towards left, back and feet.
    let isFlippedAcross = affine[across][isTransposed ? 1 : 0] > 0
    let isFlippedDown = affine[down][isTransposed ? 0 : 1] > 0
    orientation =
      switch (isTransposed, isFlippedAcross, isFlippedDown) {
      case (false, false, false): 1
      case (false, true, false): 2
      case (false, true, true): 3
      case (false, false, true): 4
      case (true, false, false): 5
      case (true, true, false): 6
      case (true, true, true): 7
      case (true, false, true): 8
      }
  }

  /// Slice `k` of the picture as turned, in the patient coordinates of DICOM (left, back, head).
  func place(slice k: Int) -> SlicePlace {
    let isTransposed = orientation >= 5
    let isFlippedAcross = [2, 3, 6, 7].contains(orientation)
    let isFlippedDown = [3, 4, 7, 8].contains(orientation)
    let acrossAxis = isTransposed ? 1 : 0
    let downAxis = isTransposed ? 0 : 1
    let lengths = [columns, rows]
    var index = [0.0, 0.0, Double(k), 1.0]
    if isFlippedAcross { index[acrossAxis] = Double(lengths[acrossAxis] - 1) }
    if isFlippedDown { index[downAxis] = Double(lengths[downAxis] - 1) }
    func patient(_ v: [Double]) -> [Double] { [-v[0], -v[1], v[2]] }
    func step(_ axis: Int, _ isFlipped: Bool) -> [Double] {
      patient((0..<3).map { isFlipped ? -affine[$0][axis] : affine[$0][axis] })
    }
    func length(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let right = step(acrossAxis, isFlippedAcross)
    let down = step(downAxis, isFlippedDown)
    var place = SlicePlace()
    place.position = patient((0..<3).map { row in (0..<4).reduce(0) { $0 + affine[row][$1] * index[$1] } })
    place.orientation = right.map { $0 / length(right) } + down.map { $0 / length(down) }
    place.pixelSpacing = [length(down), length(right)]
    place.spacing = length(step(2, false))
    return place
  }

  /// Which of the patient's axes each axis of the volume is closest to: the assignment with the greatest sum of cosines, the first of equals.
  private static func nearestAxes(_ affine: [[Double]]) -> [Int] {
    let lengths = (0..<3).map { axis in (0..<3).reduce(0) { $0 + affine[$1][axis] * affine[$1][axis] }.squareRoot() }
    func sum(_ assignment: [Int]) -> Double {
      (0..<3).reduce(0) { $0 + abs(affine[assignment[$1]][$1]) / lengths[$1] }
    }
    var best = [0, 1, 2]
    for other in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] where sum(other) > sum(best) + 1e-9 {
      best = other
    }
    return best
  }

  static func determinant(_ m: [[Double]]) -> Double {
    m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
      + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
  }
}
