/// Where a slice lies in the patient: its position and its plane (PS3.3 C.7.6.2.1.1), checked.
struct SliceGeometry: Sendable {
  /// Millimetres: the centre of the first pixel.
  let position: SIMD3<Double>
  /// Of length 1: across the plane, row direction × column direction.
  let normal: SIMD3<Double>
  /// Direction cosines of a row and of a column.
  let orientation: [Double]

  /// Component by component, how far planes may be apart that count as parallel.
  static let orientationTolerance = 0.01

  /// Nil where the header does not say, or says something that is no place.
  init?(_ place: SlicePlace) {
    let (p, o) = (place.position, place.orientation)
    guard p.count == 3, o.count == 6, (p + o).allSatisfy({ $0.isFinite && abs($0) < 1e6 }) else { return nil }
    let across = cross(SIMD3(o[0], o[1], o[2]), SIMD3(o[3], o[4], o[5]))
    let length = norm(across)
    // Two directions at right angles give 1; files round their numbers, but not so far.
    guard length > 0.5, length < 2 else { return nil }
    position = SIMD3(p[0], p[1], p[2])
    normal = across / length
    orientation = o
  }

  func isParallel(to other: SliceGeometry) -> Bool {
    zip(orientation, other.orientation).allSatisfy { abs($0 - $1) <= SliceGeometry.orientationTolerance }
  }
}

func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

func norm(_ a: SIMD3<Double>) -> Double { dot(a, a).squareRoot() }

func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
