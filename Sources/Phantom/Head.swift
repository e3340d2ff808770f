import Tensors

/// A skull from the side: vault with sutures, face with orbits and sinuses, jaw and teeth, and the neck below.
enum Head {
  /// About 230 mm high; the origin is the middle of the head. The face looks to the left.
  static func anatomy(_ random: inout RandomGenerator) -> Anatomy {
    typealias Mu = Anatomy.Attenuation
    var body = Anatomy()
    let long = random.uniform(0.9...1.1)
    let tall = random.uniform(0.92...1.08)
    let vault = SIMD3(92 * long, 72 * tall, 70)
    let middle = SIMD3(12.0, -35, 0)
    body.add(
      Mu.water,
      [
        .ellipsoid(middle, vault + SIMD3(repeating: 8)),
        .ellipsoid(SIMD3(-48, 30, 0), SIMD3(46, 62, 58), turnedBy: 0.18),
        .ellipsoid(SIMD3(-90, 18, 0), SIMD3(20, 13, 12), turnedBy: 0.6),
        .rod(from: SIMD3(18, 20, 0), to: SIMD3(30, 260, 0), radius: 52),
      ], mottle: (0.03, 30))

    let wall = random.uniform(4.5...7.5)
    body.add(Mu.cortex * 0.62, [.ellipsoid(middle, vault)], mottle: (0.05, 10))
    body.add(-Mu.cortex * 0.62, [.ellipsoid(middle, vault - SIMD3(repeating: wall))], mottle: (0.05, 10))
    addBase(to: &body, &random)
    addFace(to: &body, &random)

    // Sutures and the grooves of vessels: thin lines where the wall is thinner.
    for (start, heading) in [(SIMD3(4.0, -102, 0), 1.35), (SIMD3(78.0, -70, 0), 1.9), (SIMD3(-20.0, -40, 0), -0.4)] {
      var points = [start]
      var direction = heading
      for _ in 0..<12 {
        direction += random.uniform(-0.5...0.5) + (heading - direction) * 0.5
        points.append(points[points.count - 1] + SIMD3(cosine(direction), sine(direction), 0) * 5.5)
      }
      body.addTube(-Mu.cortex * 0.8, points, radii: points.map { _ in 1.3 })
    }

    // The neck: seven vertebrae with spinous processes, and the airway in front.
    for i in 0..<8 {
      let y = 52 + 21 * Double(i)
      let x = 24 + 5 * sine(Double(i) / 2.2)
      body.add(
        Mu.bone, [.rod(from: SIMD3(x, y, 0), to: SIMD3(x + 1, y + 16, 0), radius: 10)], mottle: (0.15, 2.5))
      body.addTube(
        Mu.bone, [SIMD3(x + 10, y + 6, 0), SIMD3(x + 26, y + 11, 0), SIMD3(x + 42, y + 19, 0)], radii: [6.5, 4, 4.5])
    }
    body.addTube(
      Mu.gas, [SIMD3(-18, 34, 0), SIMD3(-2, 62, 0), SIMD3(2, 110, 0), SIMD3(6, 240, 0)], radii: [7, 6, 8, 8])
    return body
  }

  private static func addBase(to body: inout Anatomy, _ random: inout RandomGenerator) {
    typealias Mu = Anatomy.Attenuation
    // Floors of the skull in three steps, dense petrous bones, the sella, air cells of the mastoid.
    body.addTube(
      Mu.cortex * 1.5, [SIMD3(-72, -28, 0), SIMD3(-36, -22, 0), SIMD3(-16, -14, 0)], radii: [4, 3.5, 4])
    body.addTube(
      Mu.cortex * 1.5, [SIMD3(-2, -14, 0), SIMD3(4, -8, 0), SIMD3(14, 4, 0), SIMD3(28, 22, 0)], radii: [5, 4, 6, 5])
    body.addTube(Mu.cortex * 1.2, [SIMD3(30, 24, 0), SIMD3(62, 26, 0), SIMD3(88, 6, 0)], radii: [4, 5, 5])
    for side in [-1.0, 1.0] {
      body.add(Mu.cortex * 1.1, [.ellipsoid(SIMD3(22, 6, side * 40), SIMD3(20, 11, 20), turnedBy: 0.35)])
      var cells: [Solid] = []
      for _ in 0..<14 {
        cells.append(
          .ellipsoid(
            SIMD3(38 + random.uniform(-13...13), 18 + random.uniform(-12...12), side * 52),
            SIMD3(repeating: random.uniform(2...4))))
      }
      body.add(Mu.gas * 2, cells)
    }
  }

  private static func addFace(to body: inout Anatomy, _ random: inout RandomGenerator) {
    typealias Mu = Anatomy.Attenuation
    for side in [-1.0, 1.0] {
      let orbit = SIMD3(-68.0, -6, side * 30)
      body.add(Mu.cortex * 1.1, [.ellipsoid(orbit, SIMD3(22, 20, 15))])
      body.add(-Mu.cortex * 1.2, [.ellipsoid(orbit + SIMD3(-5, 0, 0), SIMD3(22, 16.5, 15))])
      body.add(Mu.gas, [.ellipsoid(SIMD3(-52, 24, side * 26), SIMD3(19, 15, 14))])
      body.addTube(
        Mu.cortex, [SIMD3(-56, 14, side * 52), SIMD3(-26, 14, side * 60), SIMD3(0, 10, side * 58)],
        radii: [5, 3.5, 3.5])
      // The jaw: from the joint down the ramus, round the angle, to the chin.
      body.addTube(
        Mu.cortex * 1.15,
        [
          SIMD3(8, 14, side * 48), SIMD3(2, 44, side * 47), SIMD3(-6, 70, side * 44), SIMD3(-34, 84, side * 32),
          SIMD3(-62, 92, side * 18), SIMD3(-82, 96, side * 5),
        ], radii: [6, 8, 10, 10, 10, 11], mottle: (0.15, 3))
    }
    body.add(Mu.gas, [.ellipsoid(SIMD3(-78, -38, 0), SIMD3(7, 14, 20), turnedBy: 0.2)])
    body.addTube(
      Mu.cortex * 0.9, [SIMD3(-84, 40, 0), SIMD3(-54, 44, 0), SIMD3(-24, 42, 0)], radii: [6, 4.5, 3.5])
    body.addTube(Mu.cortex, [SIMD3(-84, -22, 0), SIMD3(-96, -2, 0)], radii: [4, 2.5])
    for tooth in 0..<9 {
      if random.chance(0.1) { continue }
      let along = Double(tooth)
      let x = -86 + 6.8 * along
      let depth = 6 + 4.2 * along
      let crown = random.chance(0.12) ? Mu.metal * 0.35 : Mu.cortex * 2
      for side in [-1.0, 1.0] {
        body.add(
          crown, [.rod(from: SIMD3(x + 1, 47, side * depth), to: SIMD3(x - 1, 61, side * depth), radius: 3)])
        body.add(
          Mu.cortex * 1.8,
          [.rod(from: SIMD3(x + 2, 65, side * depth), to: SIMD3(x + 4, 79, side * depth), radius: 2.8)])
      }
    }
  }
}
