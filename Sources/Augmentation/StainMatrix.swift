import Tensors

/// More or less haematoxylin and eosin in a picture, as a linear map of optical density.
///
/// A pixel's density d = −ln v is a sum of three directions, d = Vᵀ c, with the concentrations c of haematoxylin, of eosin and of what neither
/// explains (Ruifrok, Johnston 2001, Anal. Quant. Cytol. Histol. 23:291). The directions of the two are fixed: those of the reference of
/// Macenko et al. 2009 (ISBI), whose code is published with them; the third is at right angles to both. Concentrations become
/// s · c + b (Tellez et al. 2018, IEEE TMI 37:2126; without its third stain), so d' = Vᵀ diag(s) V⁻ᵀ d + Vᵀ b.
package enum StainMatrix {
  /// Red, green and blue density of a unit of haematoxylin and of eosin, before they are brought to length 1.
  package static let haematoxylin = [0.5626, 0.7201, 0.4062]
  package static let eosin = [0.2159, 0.8012, 0.5581]

  /// Rows: haematoxylin, eosin, the rest; each of length 1.
  static let directions: [[Double]] = {
    let (h, e) = (normalized(haematoxylin), normalized(eosin))
    return [h, e, normalized(cross(h, e))]
  }()

  /// d' = `matrix` · d + `offset` (in natural logarithms), `matrix` by rows. Equal scales of 1 and shifts of 0 give the unit matrix to rounding.
  static func map(_ change: CropParameters.Concentrations) -> (matrix: [Float], offset: [Float]) {
    let v = directions
    // V⁻ᵀ by columns: the reciprocal basis.
    let volume = dot(v[0], cross(v[1], v[2]))
    let reciprocal = [cross(v[1], v[2]), cross(v[2], v[0]), cross(v[0], v[1])].map { $0.map { $0 / volume } }
    let scales = [Double(change.haematoxylinScale), Double(change.eosinScale), 1]
    let shifts = [Double(change.haematoxylinShift), Double(change.eosinShift), 0]
    var matrix: [Float] = []
    for row in 0..<3 {
      for column in 0..<3 {
        matrix.append(Float((0..<3).reduce(0.0) { $0 + v[$1][row] * scales[$1] * reciprocal[$1][column] }))
      }
    }
    return (matrix, (0..<3).map { row in Float((0..<3).reduce(0.0) { $0 + v[$1][row] * shifts[$1] }) })
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double { a[0] * b[0] + a[1] * b[1] + a[2] * b[2] }

  private static func cross(_ a: [Double], _ b: [Double]) -> [Double] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
  }

  private static func normalized(_ a: [Double]) -> [Double] { a.map { $0 / dot(a, a).squareRoot() } }
}
