import Tensors

/// An abdomen from the front: lumbar spine, pelvis and hips, lower ribs, kidneys, psoas shadows, and gas in the bowel.
enum Abdomen {
  /// About 380 mm across; the origin is the third lumbar vertebra's neighbourhood.
  static func anatomy(_ random: inout RandomGenerator) -> Anatomy {
    typealias Mu = Anatomy.Attenuation
    var body = Anatomy()
    let girth = random.uniform(0.84...1.25)
    body.add(
      Mu.water,
      [
        .ellipsoid(SIMD3(0, 0, 0), SIMD3(165 * girth, 330, 100 * girth)),
        .ellipsoid(SIMD3(0, 150, 0), SIMD3(182 * girth, 130, 105)),
      ], mottle: (0.02, 30))
    body.add(Mu.water * 0.14, [.ellipsoid(SIMD3(-75, -110, 15), SIMD3(75 * girth, 62, 60), turnedBy: -0.25)])
    for side in [-1.0, 1.0] {
      let kidney = SIMD3(side * 68, -48 - side * 8, -40)
      body.add(Mu.water * 0.2, [.ellipsoid(kidney, SIMD3(25, 50, 22), turnedBy: side * -0.2)])
      body.addTube(
        Mu.water * 0.16, [SIMD3(side * 24, -60, -30), SIMD3(side * 42, 20, -25), SIMD3(side * 72, 110, 0)],
        radii: [14, 22, 18])
    }
    addSpine(to: &body)
    addPelvis(to: &body, &random)
    addRibs(to: &body, girth: girth, &random)
    addColon(to: &body, girth: girth, &random)
    addLoops(to: &body, girth: girth, &random)
    return body
  }

  private static func addSpine(to body: inout Anatomy) {
    typealias Mu = Anatomy.Attenuation
    var y = -205.0
    while y < 70 {
      body.add(
        Mu.bone * 0.85, [.rod(from: SIMD3(0, y, -25), to: SIMD3(0, y + 29, -25), radius: 24)], mottle: (0.18, 3.5))
      body.add(Mu.cortex, [.rod(from: SIMD3(0, y, -25), to: SIMD3(0, y + 2, -25), radius: 26)])
      body.add(Mu.cortex, [.rod(from: SIMD3(0, y + 27, -25), to: SIMD3(0, y + 29, -25), radius: 26)])
      for side in [-1.0, 1.0] {
        body.add(Mu.cortex, [.ellipsoid(SIMD3(side * 16, y + 10, -52), SIMD3(5, 8, 10))])
        body.addTube(
          Mu.bone, [SIMD3(side * 20, y + 13, -52), SIMD3(side * 44, y + 9, -55)], radii: [5.5, 4])
      }
      body.add(Mu.cortex, [.ellipsoid(SIMD3(0, y + 24, -65), SIMD3(4, 13, 14))])
      y += 38
    }
  }

  private static func addPelvis(to body: inout Anatomy, _ random: inout RandomGenerator) {
    typealias Mu = Anatomy.Attenuation
    let flare = random.uniform(0.9...1.12)
    body.add(
      Mu.bone,
      [
        .ellipsoid(SIMD3(0, 100, -45), SIMD3(44, 34, 24)), .ellipsoid(SIMD3(0, 130, -50), SIMD3(30, 32, 18)),
        .ellipsoid(SIMD3(0, 160, -52), SIMD3(16, 22, 12)),
      ], mottle: (0.2, 4))
    for side in [-1.0, 1.0] {
      // The wing: a thin blade with a dense crest round its upper edge.
      body.add(
        Mu.bone * 0.85,
        [.ellipsoid(SIMD3(side * 88 * flare, 98, -15), SIMD3(48 * flare, 62, 13), turnedBy: side * 0.5)],
        mottle: (0.15, 4))
      body.addTube(
        Mu.cortex * 0.75,
        [
          SIMD3(side * 42, 78, -40), SIMD3(side * 62 * flare, 44, -30), SIMD3(side * 96 * flare, 34, -10),
          SIMD3(side * 128 * flare, 56, 10), SIMD3(side * 136 * flare, 92, 30),
        ], radii: [6, 5, 5, 5.5, 5])
      // The brim, the branches round the obturator hole, the socket and the thigh bone in it.
      body.addTube(
        Mu.cortex,
        [
          SIMD3(side * 48, 112, -35), SIMD3(side * 68, 138, 0), SIMD3(side * 58, 172, 25), SIMD3(side * 14, 196, 45),
        ], radii: [7, 8, 8, 8])
      body.addTube(
        Mu.cortex * 0.9, [SIMD3(side * 78, 180, -20), SIMD3(side * 62, 226, -25), SIMD3(side * 20, 210, 30)],
        radii: [9, 10, 7])
      let hip = SIMD3(side * 96 * flare, 170, 0)
      body.add(Mu.cortex * 0.8, [.ellipsoid(hip, SIMD3(30, 30, 28))])
      body.add(-Mu.cortex * 0.8, [.ellipsoid(hip + SIMD3(side * 3, 2, 0), SIMD3(26.5, 26.5, 26))])
      body.add(Mu.bone, [.ellipsoid(hip + SIMD3(side * 2, 2, 0), SIMD3(24, 24, 24))], mottle: (0.15, 3))
      body.addLongBone(
        from: hip, to: hip + SIMD3(side * 50, 42, -5), radius: 15, heads: (17, 24))
      body.addLongBone(
        from: hip + SIMD3(side * 48, 30, -5), to: hip + SIMD3(side * 38, 240, 0), radius: 15, heads: (23, 20))
    }
  }

  private static func addRibs(to body: inout Anatomy, girth: Double, _ random: inout RandomGenerator) {
    for rib in 0..<2 {
      for side in [-1.0, 1.0] {
        var points: [SIMD3<Double>] = []
        for step in 0...8 {
          let t = Double(step) / 8
          points.append(
            SIMD3(
              side * (24 + 112 * girth * sine(t * 1.45)), -205 + 34 * Double(rib) + 74 * t * t + 8 * t, -60 + 55 * t))
        }
        body.addTube(
          Anatomy.Attenuation.cortex * 0.7, Array(points.prefix(rib == 1 ? 6 : 9)),
          radii: Array(repeating: 5.2, count: rib == 1 ? 6 : 9))
      }
    }
  }

  /// The frame of the large bowel, here and there filled with gas between haustral folds, elsewhere with stool.
  private static func addColon(to body: inout Anatomy, girth: Double, _ random: inout RandomGenerator) {
    typealias Mu = Anatomy.Attenuation
    let corners: [SIMD3<Double>] = [
      SIMD3(-108 * girth, 110, 30), SIMD3(-118 * girth, 30, 20), SIMD3(-108 * girth, -62, 20), SIMD3(-40, -28, 60),
      SIMD3(40, -36, 60), SIMD3(112 * girth, -98, 10), SIMD3(122 * girth, 20, 10), SIMD3(104 * girth, 105, 20),
      SIMD3(30, 132, 30), SIMD3(0, 175, 0),
    ]
    for leg in 1..<corners.count {
      let content = random.uniform()
      let calibre = random.uniform(14...25)
      for fold in 0..<6 {
        let t = (Double(fold) + 0.5) / 6
        let at = corners[leg - 1] + (corners[leg] - corners[leg - 1]) * t
        let centre = at + SIMD3(random.uniform(-6...6), random.uniform(-6...6), 0)
        if content < 0.68 {
          body.add(
            Mu.gas,
            [
              .ellipsoid(
                centre, SIMD3(calibre * random.uniform(0.75...1.1), calibre * random.uniform(0.65...1), calibre),
                turnedBy: random.uniform(0...3))
            ])
        } else if content < 0.93 {
          for _ in 0..<8 {
            let speck = centre + SIMD3(random.uniform(-14...14), random.uniform(-14...14), 0)
            body.add(
              Mu.gas, [.ellipsoid(speck, SIMD3(random.uniform(2...6), random.uniform(2...6), 6))])
          }
        }
      }
    }
  }

  /// Small bowel: a few short gas-filled loops in the middle.
  private static func addLoops(to body: inout Anatomy, girth: Double, _ random: inout RandomGenerator) {
    for _ in 0..<4 + random.integer(below: 5) {
      var at = SIMD3(random.uniform(-70...70) * girth, random.uniform(-20...110), 30)
      var heading = random.uniform(0...6.28)
      var points: [SIMD3<Double>] = []
      for _ in 0..<5 + random.integer(below: 5) {
        points.append(at)
        at += SIMD3(cosine(heading), sine(heading), 0) * 9
        heading += random.uniform(-0.2...0.9)
      }
      let calibre = random.uniform(8...14)
      body.addTube(
        Anatomy.Attenuation.gas * 0.9, points, radii: points.map { _ in calibre * random.uniform(0.85...1.1) })
    }
  }
}
