import Tensors

/// Gland-forming tissue, as in the colon: rings of columnar cells round open lumens, in a loose stroma.
enum GlandTissue {
  static func section(width: Int, height: Int, nucleus: Double, _ random: inout RandomGenerator) -> Section {
    var section = Section(width: width, height: height, nucleus: nucleus)
    let grain = ValueNoise(octaves: 4, &random)
    let chromatin = ValueNoise(octaves: 2, &random)
    let scale = Float(1 / (nucleus * 2))
    for row in 0..<height {
      for column in 0..<width {
        let noise = grain(Float(column) * scale, Float(row) * scale)
        section.eosin.samples[row * width + column] = 0.42 + 0.35 * noise
        section.haematoxylin.samples[row * width + column] = 0.05
      }
    }
    // Loose cells of the stroma first: the glands lie over them.
    let loose = Double(width * height) / (nucleus * nucleus) * random.uniform(0.12...0.3)
    for _ in 0..<Int(loose) {
      section.addNucleus(
        x: random.uniform() * Double(width), y: random.uniform() * Double(height),
        radii: (nucleus * random.uniform(0.3...0.6), nucleus * 0.26), heading: random.uniform(0...3.14),
        density: random.uniform(0.7...1.1), chromatin: chromatin)
    }

    let radius = nucleus * random.uniform(3.2...4.8)
    let spacing = radius * random.uniform(2.15...2.5)
    let turn = random.uniform(0...1.05)
    let goblets = random.uniform(0...0.8)
    let count = Int(Double(width + height) / spacing) + 2
    for i in -count...count {
      for j in -count...count {
        let u = (Double(i) + 0.5 * Double(j & 1)) * spacing
        let v = Double(j) * spacing * 0.87
        let x = cosine(turn) * u - sine(turn) * v + Double(width) / 2 + random.normal() * spacing * 0.12
        let y = sine(turn) * u + cosine(turn) * v + Double(height) / 2 + random.normal() * spacing * 0.12
        let absent = random.chance(0.08)
        let gland = Gland(x: x, y: y, radius: radius * random.uniform(0.72...1.15), &random)
        if absent || x < -2 * radius || y < -2 * radius || x > Double(width) + 2 * radius
          || y > Double(height) + 2 * radius
        {
          continue
        }
        draw(gland, in: &section, goblets: goblets, chromatin: chromatin, &random)
      }
    }
    return section
  }

  /// A closed outline r(θ) about a middle, with a lumen that is a share of it.
  private struct Gland {
    let x, y, radius, lumen: Double
    let waves: [(amount: Double, phase: Double)]

    init(x: Double, y: Double, radius: Double, _ random: inout RandomGenerator) {
      (self.x, self.y, self.radius) = (x, y, radius)
      lumen = random.uniform(0.25...0.5)
      waves = (0..<4).map { _ in (random.normal() * 0.07, random.uniform(0...6.28)) }
    }

    func outline(_ theta: Double) -> Double {
      var r = 1.0
      for (k, wave) in waves.enumerated() { r += wave.amount * cosine(Double(k + 2) * theta + wave.phase) }
      return radius * r
    }
  }

  private static func draw(
    _ gland: Gland, in section: inout Section, goblets: Double, chromatin: ValueNoise, _ random: inout RandomGenerator
  ) {
    let width = section.width
    let near = section.eosin.neighborhood(x: gland.x, y: gland.y, reach: gland.radius * 1.45)
    for row in near.rows {
      for column in near.columns {
        let dx = Double(column) - gland.x
        let dy = Double(row) - gland.y
        let r = (dx * dx + dy * dy).squareRoot()
        let rho = r / gland.outline(angle(y: dy, x: dx))
        if rho > 1.06 { continue }
        let i = row * width + column
        if rho < gland.lumen {
          section.eosin.samples[i] = 0.04
          section.haematoxylin.samples[i] = 0.02
        } else if rho < 1 {
          let apical = Float((rho - gland.lumen) / (1 - gland.lumen))
          section.eosin.samples[i] = 0.62 - 0.12 * apical
          section.haematoxylin.samples[i] = 0.12
        } else {
          section.eosin.samples[i] = 0.12
          section.haematoxylin.samples[i] *= 0.4
        }
      }
    }
    // Columnar nuclei stand side by side along the base, in one row or nearly.
    let nucleus = section.nucleus
    var theta = random.uniform(0...0.2)
    while theta < 6.28 {
      let r = gland.outline(theta)
      let base = r - nucleus * random.uniform(0.62...0.95)
      section.addNucleus(
        x: gland.x + cosine(theta) * base, y: gland.y + sine(theta) * base,
        radii: (nucleus * random.uniform(0.5...0.68), nucleus * random.uniform(0.27...0.34)),
        heading: theta + random.normal() * 0.15, density: random.uniform(0.85...1.25), chromatin: chromatin)
      if random.chance(goblets) {
        let apex = gland.lumen * r + (base - nucleus * 0.5 - gland.lumen * r) * 0.55
        section.clear(
          x: gland.x + cosine(theta) * apex, y: gland.y + sine(theta) * apex,
          radius: nucleus * random.uniform(0.28...0.42), left: 0.2)
      }
      theta += nucleus * random.uniform(0.66...0.86) / r
    }
  }
}
