import Tensors

/// A stained tissue section before light goes through it: amounts of haematoxylin and eosin at every pixel.
struct Section: Sendable {
  var haematoxylin: Plane
  var eosin: Plane
  /// The usual diameter of a nucleus, in pixels: the scale of everything drawn.
  let nucleus: Double

  init(width: Int, height: Int, nucleus: Double) {
    haematoxylin = Plane(width: width, height: height)
    eosin = Plane(width: width, height: height)
    self.nucleus = nucleus
  }

  var width: Int { haematoxylin.width }
  var height: Int { haematoxylin.height }

  /// An elliptic nucleus with a darker membrane and clumped chromatin. `radii` along and across `heading`, in pixels.
  mutating func addNucleus(
    x: Double, y: Double, radii: (Double, Double), heading: Double, density: Double, chromatin: ValueNoise
  ) {
    let reach = max(radii.0, radii.1) + 1.5
    let near = haematoxylin.neighborhood(x: x, y: y, reach: reach)
    let c = Float(cosine(heading) / radii.0)
    let s = Float(sine(heading) / radii.0)
    let c2 = Float(cosine(heading) / radii.1)
    let s2 = Float(sine(heading) / radii.1)
    let edge = Float(min(radii.0, radii.1))
    let clump = Float(4.5 / nucleus)
    for row in near.rows {
      for column in near.columns {
        let dx = Float(column) + 0.5 - Float(x)
        let dy = Float(row) + 0.5 - Float(y)
        let u = dx * c + dy * s
        let v = -dx * s2 + dy * c2
        let r = (u * u + v * v).squareRoot()
        let cover = min(max((1 - r) * edge + 0.5, 0), 1)
        if cover == 0 { continue }
        let texture = 0.82 + 0.3 * chromatin(Float(column) * clump, Float(row) * clump) + 0.22 * r * r
        let i = row * width + column
        haematoxylin.samples[i] = max(haematoxylin.samples[i], Float(density) * texture * cover)
        eosin.samples[i] *= 1 - 0.55 * cover
      }
    }
  }

  /// Takes tissue away inside a round hole: a lumen, a vessel, a tear. - Parameter left: what share stays.
  mutating func clear(x: Double, y: Double, radius: Double, left share: Float) {
    let near = haematoxylin.neighborhood(x: x, y: y, reach: radius + 1)
    for row in near.rows {
      for column in near.columns {
        let dx = Double(column) - x
        let dy = Double(row) - y
        let cover = Float(min(max(radius - (dx * dx + dy * dy).squareRoot(), 0), 1))
        eosin.samples[row * width + column] *= 1 - cover * (1 - share)
        haematoxylin.samples[row * width + column] *= 1 - cover * (1 - share)
      }
    }
  }
}
