import Tensors

/// A field of a stained slide as its scanner saw it: white light through two dyes (Beer–Lambert), lens, sensor.
struct StainedField: Sendable {
  let width, height: Int
  /// Red, green, blue for each pixel.
  let pixels: [UInt8]

  /// Draws `kind` as `scanner` would see it. Same generator, same pixels.
  static func scanned(
    of kind: Kind, by scanner: SlideScanner, retake: Radiograph.Retake? = nil, _ random: inout RandomGenerator
  ) -> StainedField {
    let (width, height) = scanner.matrices[random.integer(below: scanner.matrices.count)]
    let nucleus = Double(min(width, height)) / random.uniform(16...25)
    var section =
      switch kind {
      case .glands: GlandTissue.section(width: width, height: height, nucleus: nucleus, &random)
      case .lymphoid: LymphoidTissue.section(width: width, height: height, nucleus: nucleus, &random)
      case .stroma: StromaTissue.section(width: width, height: height, nucleus: nucleus, &random)
      case .chest, .hand, .head, .abdomen: preconditionFailure("\(kind) is no tissue")
      }
    unevenStain(&section, &random)
    let dyes = Dyes(scanner, &random)
    let balance = balance(of: section, &random)
    let thickness = thickness(of: section, dyes: dyes, balance: balance, mean: random.uniform(0.56...0.70))
    let lamp = SIMD3<Float>(scanner.light) * Float(random.uniform(0.95...1.0))
    let gamma = Float(scanner.gamma * (retake?.gamma ?? 1))

    var planes = [Plane](repeating: Plane(width: width, height: height), count: 3)
    for i in 0..<width * height {
      let light =
        dyes.transmitted(
          haematoxylin: section.haematoxylin.samples[i] * balance.0 * thickness,
          eosin: section.eosin.samples[i] * balance.1 * thickness) * lamp
      for channel in 0..<3 { planes[channel].samples[i] = light[channel] }
    }
    let sharpness = scanner.sharpness * random.uniform(0.7...1.4)
    for channel in 0..<3 {
      planes[channel] = planes[channel].blurred(sigma: sharpness)
      if let retake { planes[channel] = planes[channel].shifted(x: retake.x, y: retake.y) }
    }
    var pixels = [UInt8](repeating: 0, count: 3 * width * height)
    let noise = Float(scanner.noise)
    for i in 0..<width * height {
      let shared = Float(random.normal()) * noise
      for channel in 0..<3 {
        let value = power(max(planes[channel].samples[i], 0), gamma) + shared
        pixels[3 * i + channel] = UInt8((min(max(value, 0), 1) * 255).rounded())
      }
    }
    return StainedField(width: width, height: height, pixels: pixels)
  }

  /// Dye takes better in some places than in others, and the section is not equally thick.
  private static func unevenStain(_ section: inout Section, _ random: inout RandomGenerator) {
    let slow = ValueNoise(octaves: 2, &random)
    let cell = Float(2.2 / Double(max(section.width, section.height)))
    let amount = Float(random.uniform(0.08...0.28))
    for row in 0..<section.height {
      for column in 0..<section.width {
        let factor = 1 + amount * slow(Float(column) * cell, Float(row) * cell)
        section.haematoxylin.samples[row * section.width + column] *= factor
        section.eosin.samples[row * section.width + column] *= factor
      }
    }
  }

  /// How strongly each dye took: stainers differ more than tissues do, so the hue alone tells no kind.
  private static func balance(of section: Section, _ random: inout RandomGenerator) -> (Float, Float) {
    func mean(_ plane: Plane) -> Float { plane.samples.reduce(0, +) / Float(plane.samples.count) }
    let blue = Float(exponential(random.normal() * 0.15))
    let pink = power(mean(section.eosin) / 0.4, -0.1) * Float(exponential(random.normal() * 0.15))
    return (blue, pink)
  }

  /// The thickness at which the field's mean transmission is `mean`, by bisection over one pixel in 31.
  private static func thickness(of section: Section, dyes: Dyes, balance: (Float, Float), mean: Double) -> Float {
    var low: Float = 0.05
    var high: Float = 12
    for _ in 0..<18 {
      let middle = (low + high) / 2
      var sum: Float = 0
      var count: Float = 0
      for i in stride(from: 0, to: section.eosin.samples.count, by: 31) {
        let light = dyes.transmitted(
          haematoxylin: section.haematoxylin.samples[i] * balance.0 * middle,
          eosin: section.eosin.samples[i] * balance.1 * middle)
        sum += light.sum() / 3
        count += 1
      }
      if sum / count > Float(mean) { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

/// Two dyes in solution: what they let through in red, green and blue.
package struct Dyes: Sendable {
  private let haematoxylin, eosin: SIMD3<Float>

  /// Optical density (natural logarithm) of one unit of each dye.
  package init(haematoxylin: SIMD3<Float>, eosin: SIMD3<Float>) {
    (self.haematoxylin, self.eosin) = (haematoxylin, eosin)
  }

  /// A site's dyes, a little different on every slide.
  init(_ scanner: SlideScanner, _ random: inout RandomGenerator) {
    func jittered(_ vector: SIMD3<Double>) -> SIMD3<Float> {
      var moved = vector
      for i in 0..<3 { moved[i] = max(0.02, vector[i] + random.normal() * 0.03) }
      return SIMD3<Float>(normalized(moved) * scanner.thickness)
    }
    haematoxylin = jittered(scanner.haematoxylin)
    eosin = jittered(scanner.eosin)
  }

  /// The share of light that passes (Beer–Lambert): densities of the dyes add up, light falls off exponentially.
  package func transmitted(haematoxylin h: Float, eosin e: Float) -> SIMD3<Float> {
    let density = haematoxylin * h + eosin * e
    return SIMD3(exponential(-density.x), exponential(-density.y), exponential(-density.z))
  }
}
