import Tensors

/// An ellipsoid or a right cylinder anywhere in space, with the exact length of a ray through it.
///
/// Both are the unit ball or the unit cylinder (|uv| ≤ 1, |w| ≤ 1) under the affine map p = centre + axes · (u, v, w).
/// Space is in millimetres: x to the viewer's right, y down the picture, z along the beam, which is parallel.
package struct Solid: Sendable {
  package enum Shape: Sendable { case ellipsoid, cylinder }

  package let shape: Shape
  let centre: SIMD3<Double>
  /// The images of the unit vectors: two radii and, for a cylinder, half its axis.
  let axes: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)

  /// - Precondition: the axes span space.
  package init(
    _ shape: Shape, centre: SIMD3<Double>, axes: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)
  ) {
    precondition(abs(dot(axes.0, cross(axes.1, axes.2))) > 1e-12, "a flat solid, axes \(axes)")
    self.shape = shape
    self.centre = centre
    self.axes = axes
  }

  /// An ellipsoid of semi-axes `radii`, turned by `angle` radians within the picture plane.
  static func ellipsoid(_ centre: SIMD3<Double>, _ radii: SIMD3<Double>, turnedBy angle: Double = 0) -> Solid {
    let c = cosine(angle)
    let s = sine(angle)
    return Solid(
      .ellipsoid, centre: centre,
      axes: (SIMD3(c * radii.x, s * radii.x, 0), SIMD3(-s * radii.y, c * radii.y, 0), SIMD3(0, 0, radii.z)))
  }

  /// A round cylinder between two points. - Precondition: the points differ.
  static func rod(from start: SIMD3<Double>, to end: SIMD3<Double>, radius: Double) -> Solid {
    let half = (end - start) * 0.5
    let along = normalized(half)
    let aside = normalized(abs(along.z) < 0.9 ? cross(along, SIMD3(0, 0, 1)) : cross(along, SIMD3(1, 0, 0)))
    return Solid(
      .cylinder, centre: start + half, axes: (aside * radius, cross(along, aside) * radius, half))
  }

  /// Moved by an affine map.
  func posed(by pose: Pose) -> Solid {
    Solid(
      shape, centre: pose.point(centre), axes: (pose.vector(axes.0), pose.vector(axes.1), pose.vector(axes.2)))
  }

  /// Half of its extent along x and y.
  var reach: (x: Double, y: Double) {
    func extent(_ a: Double, _ b: Double, _ c: Double) -> Double {
      shape == .ellipsoid ? (a * a + b * b + c * c).squareRoot() : (a * a + b * b).squareRoot() + abs(c)
    }
    return (extent(axes.0.x, axes.1.x, axes.2.x), extent(axes.0.y, axes.1.y, axes.2.y))
  }

  /// The length, in millimetres, of the ray along z through (x, y).
  package func chord(x: Double, y: Double) -> Double { Double(Ray(self).length(Float(x), Float(y))) }

  /// Whether a point lies inside; what the lengths are checked against.
  package func contains(_ point: SIMD3<Double>) -> Bool {
    let u = Ray.local(self, point - centre)
    return shape == .ellipsoid ? dot(u, u) <= 1 : u.x * u.x + u.y * u.y <= 1 && abs(u.z) <= 1
  }
}

/// Rays through one solid, prepared: in its own coordinates a ray is u(x, y) + s · w, and u is linear in x and y.
struct Ray {
  private let shape: Solid.Shape
  private let origin, alongX, alongY, w: SIMD3<Float>

  init(_ solid: Solid) {
    shape = solid.shape
    origin = SIMD3<Float>(Ray.local(solid, -solid.centre))
    alongX = SIMD3<Float>(Ray.local(solid, SIMD3(1, 0, 0)))
    alongY = SIMD3<Float>(Ray.local(solid, SIMD3(0, 1, 0)))
    w = SIMD3<Float>(Ray.local(solid, SIMD3(0, 0, 1)))
  }

  /// The inverse of the solid's map, by Cramer's rule.
  static func local(_ solid: Solid, _ p: SIMD3<Double>) -> SIMD3<Double> {
    let (a, b, c) = solid.axes
    let determinant = dot(a, cross(b, c))
    return SIMD3(dot(p, cross(b, c)), dot(a, cross(p, c)), dot(a, cross(b, p))) / determinant
  }

  @inline(__always) func length(_ x: Float, _ y: Float) -> Float {
    let ux = origin.x + x * alongX.x + y * alongY.x
    let uy = origin.y + x * alongX.y + y * alongY.y
    let uz = origin.z + x * alongX.z + y * alongY.z
    if shape == .ellipsoid {
      let a = w.x * w.x + w.y * w.y + w.z * w.z
      let b = ux * w.x + uy * w.y + uz * w.z
      let discriminant = b * b - a * (ux * ux + uy * uy + uz * uz - 1)
      return discriminant <= 0 ? 0 : 2 * discriminant.squareRoot() / a
    }
    var first = -Float.infinity
    var last = Float.infinity
    let a = w.x * w.x + w.y * w.y
    let c = ux * ux + uy * uy - 1
    if a > 1e-12 {
      let b = ux * w.x + uy * w.y
      let discriminant = b * b - a * c
      if discriminant <= 0 { return 0 }
      let root = discriminant.squareRoot()
      first = (-b - root) / a
      last = (-b + root) / a
    } else if c > 0 {
      return 0
    }
    if abs(w.z) > 1e-9 {
      let p = (-1 - uz) / w.z
      let q = (1 - uz) / w.z
      first = max(first, min(p, q))
      last = min(last, max(p, q))
    } else if abs(uz) > 1 {
      return 0
    }
    return max(0, last - first)
  }
}

/// How a patient lies under the tube: turned, scaled, mirrored, moved.
struct Pose: Sendable {
  private let columns: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>)
  private let offset: SIMD3<Double>

  /// First `yaw` about the body's long axis (y) and `pitch` about x, then `roll` within the picture, mirror and scale, then the move. Radians.
  init(
    yaw: Double = 0, pitch: Double = 0, roll: Double = 0, scale: Double = 1, mirrored: Bool = false,
    offset: SIMD3<Double> = .zero
  ) {
    func turned(_ p: SIMD3<Double>) -> SIMD3<Double> {
      let a = SIMD3(cosine(yaw) * p.x + sine(yaw) * p.z, p.y, -sine(yaw) * p.x + cosine(yaw) * p.z)
      let b = SIMD3(a.x, cosine(pitch) * a.y - sine(pitch) * a.z, sine(pitch) * a.y + cosine(pitch) * a.z)
      let c = SIMD3(cosine(roll) * b.x - sine(roll) * b.y, sine(roll) * b.x + cosine(roll) * b.y, b.z)
      return SIMD3(mirrored ? -c.x : c.x, c.y, c.z) * scale
    }
    columns = (turned(SIMD3(1, 0, 0)), turned(SIMD3(0, 1, 0)), turned(SIMD3(0, 0, 1)))
    self.offset = offset
  }

  func vector(_ p: SIMD3<Double>) -> SIMD3<Double> { columns.0 * p.x + columns.1 * p.y + columns.2 * p.z }

  func point(_ p: SIMD3<Double>) -> SIMD3<Double> { vector(p) + offset }
}

func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { a.x * b.x + a.y * b.y + a.z * b.z }

func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

func normalized(_ a: SIMD3<Double>) -> SIMD3<Double> { a / dot(a, a).squareRoot() }
