import Tensors

/// A hand and wrist: forearm bones, eight carpals, metacarpals and phalanges with joint gaps, in a glove of soft tissue.
enum Hand {
  /// About 200 mm from the wrist to the longest tip; the origin is the middle of the palm.
  static func anatomy(_ random: inout RandomGenerator) -> Anatomy {
    typealias Mu = Anatomy.Attenuation
    var body = Anatomy()
    let age = random.uniform(0.0...1.0)
    let slender = random.uniform(0.8...1.15)
    let gap = 1.2 + 2.2 * (1 - age)
    let spread = random.uniform(0.5...1.7)
    var flesh: [Solid] = [
      .ellipsoid(SIMD3(0, 18, 0), SIMD3(43 * slender, 50, 15)),
      .ellipsoid(SIMD3(-22, 30, 0), SIMD3(24, 36, 16), turnedBy: -0.5),
      Solid(
        .cylinder, centre: SIMD3(0, 150, 0),
        axes: (SIMD3(29 * slender, 0, 0), SIMD3(0, 0, 17), SIMD3(0, 100, 0))),
    ]
    flesh.append(.ellipsoid(SIMD3(0, 60, 0), SIMD3(33 * slender, 34, 18)))

    // Finger: where its metacarpal begins and heads, and the lengths of metacarpal and phalanges.
    let fingers: [(base: SIMD3<Double>, fan: Double, bones: [Double], radius: Double)] = [
      (SIMD3(-25, 46, 0), -0.62, [40, 30, 23], 5.6), (SIMD3(-17, 42, 0), -0.13, [64, 39, 22, 16], 5.0),
      (SIMD3(-4, 41, 0), -0.02, [62, 43, 26, 17], 5.1), (SIMD3(8, 42, 0), 0.09, [55, 40, 25, 17], 4.7),
      (SIMD3(19, 45, 0), 0.22, [51, 32, 18, 15], 4.4),
    ]
    for (index, finger) in fingers.enumerated() {
      var heading = finger.fan * spread + random.uniform(-0.05...0.05)
      var lift = random.uniform(-0.12...0.12)
      var start = finger.base
      var points: [SIMD3<Double>] = [start]
      for (joint, bone) in finger.bones.enumerated() {
        let length = bone * (0.94 + 0.08 * random.uniform())
        let end = start + SIMD3(sine(heading), -cosine(heading), sine(lift)) * length
        let along = normalized(end - start)
        let radius = finger.radius * slender * (1 - 0.13 * Double(joint))
        body.addLongBone(
          from: start + along * gap, to: end - along * gap, radius: radius * 0.72,
          heads: (radius * 1.2, radius * (joint == finger.bones.count - 1 ? 0.75 : 1.12)))
        if age < 0.5 && joint > 0 {
          body.add(Mu.bone, [.ellipsoid(start + along * 1.0, SIMD3(radius * 1.05, 1.7, radius), turnedBy: heading)])
        }
        start = end
        points.append(start)
        heading += random.uniform(-0.09...0.09) + (index == 0 ? 0.12 : 0)
        lift += random.uniform(-0.22...0.22)
      }
      let width = finger.radius * slender
      flesh += Anatomy.tube(
        points, radii: points.indices.map { width * ($0 == 0 ? 2.3 : 2.05 - 0.17 * Double($0)) })
      if index == 3 && random.chance(0.15) {
        let knuckle = points[1] + (points[2] - points[1]) * 0.45
        body.add(
          Mu.metal, [.rod(from: knuckle - SIMD3(0, 1.5, 0), to: knuckle + SIMD3(0, 1.5, 0), radius: width * 2)])
        body.add(
          -Mu.metal, [.rod(from: knuckle - SIMD3(0, 1.6, 0), to: knuckle + SIMD3(0, 1.6, 0), radius: width * 2 - 1.3)])
      }
    }
    body.add(Mu.water, flesh, mottle: (0.05, 12))

    for row in 0..<2 {
      for i in 0..<4 {
        let centre = SIMD3(
          -20 + 12.6 * Double(i) + random.uniform(-1...1), 53 + 13.5 * Double(row) + 3 * abs(Double(i) - 1.5),
          random.uniform(-3...3))
        let size = random.uniform(6.4...8.2) * (0.7 + 0.3 * age)
        let radii = SIMD3(size, size * random.uniform(0.9...1.2), 7)
        body.add(
          Mu.cortex * 0.9, [.ellipsoid(centre, radii, turnedBy: random.uniform(-0.8...0.8))], mottle: (0.15, 1.5))
        body.add(-Mu.cortex * 0.35, [.ellipsoid(centre, radii * 0.72)])
      }
    }
    body.addLongBone(
      from: SIMD3(-10, 85, 0), to: SIMD3(-13, 250, 0), radius: 5.6 * slender, heads: (12 * slender, 9))
    body.addLongBone(from: SIMD3(17, 88, 2), to: SIMD3(14, 250, 2), radius: 4.6 * slender, heads: (7.5, 10))
    return body
  }
}
