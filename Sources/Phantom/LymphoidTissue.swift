import Tensors

/// Lymphoid tissue: sheets of small round dark cells packed side by side, here and there a pale macrophage or a vessel.
enum LymphoidTissue {
  static func section(width: Int, height: Int, nucleus: Double, _ random: inout RandomGenerator) -> Section {
    var section = Section(width: width, height: height, nucleus: nucleus)
    let grain = ValueNoise(octaves: 3, &random)
    let density = ValueNoise(octaves: 2, &random)
    let chromatin = ValueNoise(octaves: 2, &random)
    let scale = Float(1 / nucleus)
    for row in 0..<height {
      for column in 0..<width {
        let noise = grain(Float(column) * scale, Float(row) * scale)
        section.eosin.samples[row * width + column] = 0.24 + 0.2 * noise
        section.haematoxylin.samples[row * width + column] = 0.06
      }
    }
    let stars: [(x: Double, y: Double, radius: Double)] = (0..<random.integer(below: 7)).map { _ in
      (
        random.uniform() * Double(width), random.uniform() * Double(height), nucleus * random.uniform(1.0...1.9)
      )
    }
    for star in stars { section.clear(x: star.x, y: star.y, radius: star.radius, left: 0.5) }

    let spacing = nucleus * random.uniform(1.0...1.25)
    let patch = Float(0.12 / nucleus)
    for j in -1...Int(Double(height) / (spacing * 0.87)) + 1 {
      for i in -1...Int(Double(width) / spacing) + 1 {
        let x = (Double(i) + 0.5 * Double(j & 1)) * spacing + random.normal() * spacing * 0.17
        let y = Double(j) * spacing * 0.87 + random.normal() * spacing * 0.17
        let size = nucleus * random.uniform(0.38...0.5)
        let shape = random.uniform(0.85...1.0)
        let heading = random.uniform(0...3.14)
        let stain = random.uniform(0.85...1.2)
        let crowd = density(Float(x) * patch, Float(y) * patch)
        if random.uniform() < 0.05 - 0.4 * Double(min(crowd + 0.25, 0)) { continue }
        if stars.contains(where: { ($0.x - x) * ($0.x - x) + ($0.y - y) * ($0.y - y) < $0.radius * $0.radius }) {
          continue
        }
        section.addNucleus(
          x: x, y: y, radii: (size, size * shape), heading: heading, density: stain, chromatin: chromatin)
      }
    }
    for star in stars {
      section.addNucleus(
        x: star.x, y: star.y, radii: (nucleus * 0.45, nucleus * 0.36), heading: 0.5, density: 0.5, chromatin: chromatin)
    }
    return section
  }
}
