import Tensors

/// A body as a list of organs. Attenuations are differences to what surrounds an organ, so that organs simply add up.
struct Anatomy: Sendable {
  /// Linear attenuation in 1/mm at about 60 keV; bone a little above nature, for a film that shows it at thumbnail size.
  enum Attenuation {
    static let water = 0.020
    static let bone = 0.040
    static let cortex = 0.055
    static let lung = -0.0145
    static let gas = -0.019
    static let metal = 0.6
  }

  /// Solids of one substance. Along a ray the longest chord stands for the union of those that overlap (exact where one
  /// hides the others, and what keeps a chain of rods from knotting at its joints).
  struct Organ: Sendable {
    var attenuation: Double
    var solids: [Solid]
    /// Relative unevenness of the substance, and the size of its grain in millimetres.
    var mottle: (amount: Double, grain: Double)
  }

  private(set) var organs: [Organ] = []

  mutating func add(_ attenuation: Double, _ solids: [Solid], mottle: (amount: Double, grain: Double) = (0, 1)) {
    organs.append(Organ(attenuation: attenuation, solids: solids, mottle: mottle))
  }

  /// A bent rod through `points`, of a radius for each.
  mutating func addTube(
    _ attenuation: Double, _ points: [SIMD3<Double>], radii: [Double], mottle: (amount: Double, grain: Double) = (0, 1)
  ) {
    add(attenuation, Anatomy.tube(points, radii: radii), mottle: mottle)
  }

  /// A long bone: dense cortex around a lighter marrow, broadened ends.
  mutating func addLongBone(
    from start: SIMD3<Double>, to end: SIMD3<Double>, radius: Double, heads: (Double, Double)
  ) {
    let along = normalized(end - start)
    let tips = (start + along * heads.0 * 0.7, end - along * heads.1 * 0.7)
    let points = [0, 0.12, 0.3, 0.5, 0.7, 0.88, 1].map { tips.0 + (tips.1 - tips.0) * $0 }
    let radii = [
      heads.0, (heads.0 + radius) * 0.52, radius * 1.06, radius, radius * 1.06, (heads.1 + radius) * 0.52, heads.1,
    ]
    addTube(Attenuation.cortex, points, radii: radii, mottle: (0.12, 1.5))
    addTube(-Attenuation.cortex * 0.55, points, radii: radii.map { $0 * 0.62 })
  }

  /// The union of rods and balls along the Catmull–Rom curve through `points`.
  static func tube(_ points: [SIMD3<Double>], radii: [Double]) -> [Solid] {
    var solids: [Solid] = []
    var last = points[0]
    var lastRadius = radii[0]
    solids.append(.ellipsoid(last, SIMD3(repeating: lastRadius)))
    for i in 1..<points.count {
      let before = points[max(i - 2, 0)]
      let after = points[min(i + 1, points.count - 1)]
      let from = points[i - 1]
      let to = points[i]
      let steps = min(8, max(2, Int(dot(to - from, to - from).squareRoot() / 5)))
      for step in 1...steps {
        let t = Double(step) / Double(steps)
        let square: Double = t * t
        let cube: Double = square * t
        let weights: SIMD4<Double> =
          0.5 * SIMD4(2 * square - cube - t, 3 * cube - 5 * square + 2, t + 4 * square - 3 * cube, cube - square)
        var point: SIMD3<Double> = before * weights.x
        point += from * weights.y
        point += to * weights.z
        point += after * weights.w
        let radius = radii[i - 1] + (radii[i] - radii[i - 1]) * t
        solids.append(.rod(from: last, to: point, radius: (lastRadius + radius) / 2))
        solids.append(.ellipsoid(point, SIMD3(repeating: radius)))
        (last, lastRadius) = (point, radius)
      }
    }
    return solids
  }

  /// Optical depth −ln(I/I₀) on a screen of square pixels whose middle is the origin. - Complexity: O(pixels under the organs).
  func projected(
    width: Int, height: Int, millimetresPerPixel pitch: Double, pose: Pose, _ random: inout RandomGenerator
  ) -> Plane {
    var depth = Plane(width: width, height: height)
    var longest = Plane(width: width, height: height)
    let noise = ValueNoise(octaves: 3, &random)
    for organ in organs {
      var box = (left: width, right: 0, top: height, bottom: 0)
      for solid in organ.solids {
        let posed = solid.posed(by: pose)
        let reach = posed.reach
        let left = max(0, Int(((posed.centre.x - reach.x) / pitch + Double(width) / 2).rounded(.down)))
        let right = min(width, Int(((posed.centre.x + reach.x) / pitch + Double(width) / 2).rounded(.up)) + 1)
        let top = max(0, Int(((posed.centre.y - reach.y) / pitch + Double(height) / 2).rounded(.down)))
        let bottom = min(height, Int(((posed.centre.y + reach.y) / pitch + Double(height) / 2).rounded(.up)) + 1)
        if left >= right || top >= bottom { continue }
        box = (min(box.left, left), max(box.right, right), min(box.top, top), max(box.bottom, bottom))
        let ray = Ray(posed)
        longest.samples.withUnsafeMutableBufferPointer { chords in
          for row in top..<bottom {
            let y = Float((Double(row) + 0.5 - Double(height) / 2) * pitch)
            for column in left..<right {
              let x = Float((Double(column) + 0.5 - Double(width) / 2) * pitch)
              let chord = ray.length(x, y)
              if chord > chords[row * width + column] { chords[row * width + column] = chord }
            }
          }
        }
      }
      if box.left >= box.right { continue }
      let grain = Float(pitch / organ.mottle.grain)
      let amount = Float(organ.mottle.amount)
      let attenuation = Float(organ.attenuation)
      for row in box.top..<box.bottom {
        for column in box.left..<box.right {
          let i = row * width + column
          let chord = longest.samples[i]
          if chord == 0 { continue }
          longest.samples[i] = 0
          var addition = attenuation * chord
          if amount > 0 { addition *= 1 + amount * noise(Float(column) * grain, Float(row) * grain) }
          depth.samples[i] += addition
        }
      }
    }
    for i in depth.samples.indices { depth.samples[i] = max(0, depth.samples[i]) }
    return depth
  }
}
