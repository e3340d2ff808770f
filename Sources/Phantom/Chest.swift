import Tensors

/// A chest from the front: ribs that run round the cage, lungs with branching vessels, heart, diaphragm, spine, shoulders.
enum Chest {
  /// About 420 mm across; the origin is the middle of the cage.
  static func anatomy(_ random: inout RandomGenerator) -> Anatomy {
    typealias Mu = Anatomy.Attenuation
    var body = Anatomy()
    let girth = random.uniform(0.86...1.22)
    body.add(
      Mu.water,
      [
        .ellipsoid(SIMD3(0, 40, 0), SIMD3(168 * girth, 270, 105 * girth)),
        .ellipsoid(SIMD3(-120, -120, 0), SIMD3(95 * girth, 70, 70)),
        .ellipsoid(SIMD3(120, -120, 0), SIMD3(95 * girth, 70, 70)),
        .rod(from: SIMD3(0, -150, 0), to: SIMD3(0, -330, -10), radius: 58),
        .rod(from: SIMD3(-190 * girth, -130, 0), to: SIMD3(-225 * girth, 150, 0), radius: 46),
        .rod(from: SIMD3(190 * girth, -130, 0), to: SIMD3(225 * girth, 150, 0), radius: 46),
      ], mottle: (0.03, 40))
    if random.chance(0.45) {
      let size = random.uniform(50...85)
      for side in [-1.0, 1.0] {
        body.add(Mu.water * 0.5, [.ellipsoid(SIMD3(side * 85, 75, 120), SIMD3(size, size * 0.95, 45))])
      }
    }

    let inhaled = random.uniform(-25...25)
    let lungHeight = 125 + inhaled
    for side in [-1.0, 1.0] {
      body.add(
        Mu.lung,
        [
          .ellipsoid(SIMD3(side * 74, -15, 0), SIMD3(58 * girth, lungHeight, 78), turnedBy: side * -0.10),
          .ellipsoid(SIMD3(side * 62, -75, 0), SIMD3(46 * girth, 70, 60)),
        ], mottle: (0.05, 14))
      let dome = 105 + inhaled * 0.8 + (side > 0 ? 12 : 0)
      body.add(
        -Mu.lung * 0.85, [.ellipsoid(SIMD3(side * 76, dome + 55, 0), SIMD3(82 * girth, random.uniform(66...84), 66))])
    }
    body.add(
      -Mu.lung * 1.1,
      [
        .ellipsoid(SIMD3(28, 50, 25), SIMD3(random.uniform(56...86), 62, 58), turnedBy: random.uniform(0.3...0.8)),
        .ellipsoid(SIMD3(6, -20, 10), SIMD3(32, 95, 45)),
        .ellipsoid(SIMD3(26, -52, 0), SIMD3(22, 24, 24)),
      ])
    for side in [-1.0, 1.0] { addVessels(to: &body, side: side, &random) }

    let trachea: [SIMD3<Double>] = [SIMD3(0, -260, -5), SIMD3(0, -120, -8), SIMD3(2, -55, -10)]
    body.addTube(Mu.gas, trachea, radii: [9, 9, 8])
    body.addTube(Mu.gas * 0.8, [trachea[2], SIMD3(-38, -22, -12)], radii: [7, 5])
    body.addTube(Mu.gas * 0.8, [trachea[2], SIMD3(42, -14, -12)], radii: [7, 5])
    if random.chance(0.5) { body.add(Mu.gas, [.ellipsoid(SIMD3(82, 150, 10), SIMD3(30, 18, 30))]) }

    addSpine(to: &body, from: -270, to: 260, thickness: 17)
    addRibs(to: &body, girth: girth, &random)
    for side in [-1.0, 1.0] { addShoulder(to: &body, side: side, girth: girth, &random) }
    return body
  }

  /// Vertebral bodies with discs between them, pedicles and spinous processes, from one height to another.
  static func addSpine(to body: inout Anatomy, from top: Double, to bottom: Double, thickness: Double) {
    typealias Mu = Anatomy.Attenuation
    var y = top
    while y < bottom {
      let radius = thickness * (0.85 + 0.35 * (y + 270) / 530)
      let height = radius * 1.25
      body.add(
        Mu.bone * 0.42,
        [.rod(from: SIMD3(0, y, -30), to: SIMD3(0, y + height, -30), radius: radius)], mottle: (0.2, 3))
      for side in [-1.0, 1.0] {
        body.add(
          Mu.bone, [.ellipsoid(SIMD3(side * radius * 0.68, y + height * 0.35, -52), SIMD3(4, 6.5, 9))])
        body.add(
          Mu.bone * 0.8,
          [.ellipsoid(SIMD3(side * radius * 1.35, y + height * 0.4, -55), SIMD3(radius * 0.55, 4.5, 5))])
      }
      body.add(Mu.bone, [.ellipsoid(SIMD3(0, y + height * 0.9, -62), SIMD3(3.5, 9, 12))])
      y += height + 5.5
    }
  }

  private static func addRibs(to body: inout Anatomy, girth: Double, _ random: inout RandomGenerator) {
    let slope = random.uniform(45...85)
    let spacing = random.uniform(21.5...25)
    for rib in 0..<11 {
      let level = Double(rib)
      let top = -165 + spacing * level
      let width = (70 + 72 * (1 - exponential(-level / 2.2))) * girth
      let depth = 62 + 34 * (1 - exponential(-level / 3))
      let reach = rib < 8 ? 0.80 : 0.62
      for side in [-1.0, 1.0] {
        var points: [SIMD3<Double>] = []
        for step in 0...9 {
          let t = Double(step) / 9 * reach
          let angle = 0.10 + t * 3.0
          points.append(
            SIMD3(
              side * max(16, width * power(sine(angle), 0.8)),
              top + slope * (t + 0.10 * sine(2 * angle)) * (0.75 + 0.05 * level), -depth * cosine(angle)))
        }
        let radii = points.indices.map { 5.2 + 1.2 * Double($0) / 9 }
        body.addTube(Anatomy.Attenuation.cortex * 1.35, points, radii: radii, mottle: (0.1, 3))
        body.addTube(-Anatomy.Attenuation.cortex * 0.6, points, radii: radii.map { $0 * 0.6 })
      }
    }
  }

  private static func addShoulder(
    to body: inout Anatomy, side: Double, girth: Double, _ random: inout RandomGenerator
  ) {
    let lift = random.uniform(-18...14)
    body.addTube(
      Anatomy.Attenuation.cortex * 0.8,
      [
        SIMD3(side * 16, -128, 70), SIMD3(side * 60 * girth, -150 + lift * 0.4, 75),
        SIMD3(side * 105 * girth, -158 + lift, 50), SIMD3(side * 150 * girth, -170 + lift, 15),
      ], radii: [8, 6.5, 6, 7.5])
    let blade = SIMD3(side * 130 * girth, -85 + lift, -75)
    body.add(
      Anatomy.Attenuation.bone * 0.8, [.ellipsoid(blade, SIMD3(38, 68, 6), turnedBy: side * -0.35)], mottle: (0.1, 5))
    let head = SIMD3(side * 176 * girth, -148 + lift, 0)
    body.addLongBone(
      from: head, to: SIMD3(side * 215 * girth, 160, 0), radius: 12, heads: (23, 20))
  }

  /// A pulmonary tree from the hilum: each branch forks until it is thinner than a millimetre.
  private static func addVessels(to body: inout Anatomy, side: Double, _ random: inout RandomGenerator) {
    var solids: [Solid] = []
    func grow(_ from: SIMD3<Double>, _ heading: Double, _ radius: Double, _ random: inout RandomGenerator) {
      if radius < 0.9 { return }
      let length = 9 + radius * random.uniform(3.5...6)
      let to = from + SIMD3(cosine(heading), sine(heading), random.uniform(-0.4...0.4)) * length
      if abs(to.x) > 122 || to.y < -135 || to.y > 118 { return }
      solids.append(.rod(from: from, to: to, radius: radius))
      solids.append(.ellipsoid(to, SIMD3(repeating: radius)))
      let spread = random.uniform(0.25...0.55)
      grow(to, heading + spread, radius * random.uniform(0.62...0.86), &random)
      grow(to, heading - spread, radius * random.uniform(0.62...0.86), &random)
    }
    let outward = side > 0 ? 0.0 : 3.14159
    for turn in [-1.2, -0.7, -0.2, 0.3, 0.75, 1.2] {
      grow(SIMD3(side * 30, -8, 0), outward + side * turn, random.uniform(4...6.5), &random)
    }
    body.add(-Anatomy.Attenuation.lung * 3.6, solids)
  }
}
