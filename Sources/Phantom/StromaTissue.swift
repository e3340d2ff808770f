import Tensors

/// Fibrous stroma: wavy bundles of collagen, clefts between them, slender nuclei that lie along the fibres.
enum StromaTissue {
  static func section(width: Int, height: Int, nucleus: Double, _ random: inout RandomGenerator) -> Section {
    var section = Section(width: width, height: height, nucleus: nucleus)
    let bend = ValueNoise(octaves: 2, &random)
    let fibre = ValueNoise(octaves: 3, &random)
    let cleft = ValueNoise(octaves: 2, &random)
    let chromatin = ValueNoise(octaves: 2, &random)
    let heading = random.normal() * 0.45
    let c = Float(cosine(heading))
    let s = Float(sine(heading))
    let wave = Float(nucleus * random.uniform(2.5...5))
    let waveLength = Float(nucleus * random.uniform(6...10))
    // Coordinates along and across the fibres: straight lines bent by a slow noise.
    func along(_ x: Float, _ y: Float) -> Float { x * c + y * s }
    func across(_ x: Float, _ y: Float) -> Float { -x * s + y * c + wave * bend(x / waveLength, y / waveLength) }

    let thickness = Float(nucleus * random.uniform(0.36...0.55))
    let length = Float(nucleus * 9)
    let gaps = Float(random.uniform(0.24...0.42))
    for row in 0..<height {
      for column in 0..<width {
        let x = Float(column)
        let y = Float(row)
        let v = across(x, y)
        let u = along(x, y)
        let strand = fibre(u / length, v / thickness)
        let gap = cleft(u / (length * 0.8) + 31, v / (thickness * 2))
        var amount = 0.55 + 0.8 * strand
        if gap > gaps { amount *= max(0.08, 1 - (gap - gaps) * 9) }
        section.eosin.samples[row * width + column] = max(amount, 0.03)
        section.haematoxylin.samples[row * width + column] = 0.05
      }
    }
    let cells = Double(width * height) / (nucleus * nucleus) * random.uniform(0.10...0.24)
    for _ in 0..<Int(cells) {
      let x = random.uniform() * Double(width)
      let y = random.uniform() * Double(height)
      let step: Float = 2
      let gx = across(Float(x) + step, Float(y)) - across(Float(x) - step, Float(y))
      let gy = across(Float(x), Float(y) + step) - across(Float(x), Float(y) - step)
      section.addNucleus(
        x: x, y: y, radii: (nucleus * random.uniform(0.8...1.5), nucleus * random.uniform(0.17...0.27)),
        heading: angle(y: -Double(gx), x: Double(gy)) + random.normal() * 0.1, density: random.uniform(0.8...1.2),
        chromatin: chromatin)
    }
    return section
  }
}
