import Kernels

/// The class token and the learned table of positions, resampled where an image is larger or smaller than the table's.
struct PositionEmbedding: Sendable {
  let classToken: Range<Int>
  let table: Range<Int>
  let width: Int
  /// Patches on a side of the table.
  let grid: Int

  init(_ configuration: VisionTransformer.Configuration, in layout: inout ParameterLayout) {
    width = configuration.width
    grid = configuration.imageSize / configuration.patchSize
    classToken = layout.append("cls_token", [1, 1, width])
    table = layout.append("pos_embed", [1, 1 + grid * grid, width])
  }

  /// Fills `rows`, [1 + newGrid², width]: what is added to each token, the class token itself included in row 0.
  /// - Parameter resampling: nil where the grids are equal.
  func assemble(
    _ parameters: UnsafePointer<Float>, _ resampling: GridResampling?, into rows: UnsafeMutablePointer<Float>
  ) {
    rows.update(from: parameters + table.lowerBound, count: width)
    axpby(rows, parameters + classToken.lowerBound, width, 1, 1)
    let source = parameters + table.lowerBound + width
    guard let resampling else {
      (rows + width).update(from: source, count: grid * grid * width)
      return
    }
    (rows + width).update(repeating: 0, count: resampling.targets * width)
    resampling.forEachTap { target, tap, weight in
      axpby(rows + (1 + target) * width, source + tap * width, width, weight, 1)
    }
  }

  /// Adds to `gradient` what the gradient of the assembled rows means for token and table: the transposed resampling.
  func backward(
    _ dRows: UnsafePointer<Float>, _ resampling: GridResampling?, adding gradient: UnsafeMutablePointer<Float>
  ) {
    axpby(gradient + classToken.lowerBound, dRows, width, 1, 1)
    axpby(gradient + table.lowerBound, dRows, width, 1, 1)
    let target = gradient + table.lowerBound + width
    guard let resampling else {
      axpby(target, dRows + width, grid * grid * width, 1, 1)
      return
    }
    resampling.forEachTap { source, tap, weight in
      axpby(target + tap * width, dRows + (1 + source) * width, width, weight, 1)
    }
  }
}

/// Bicubic resampling of a square grid, a constant sparse matrix: sixteen taps for every target.
///
/// PyTorch's `interpolate(mode: bicubic, size:, align_corners: False, antialias: False)`: a = -0.75, taps clamped to the edge.
package struct GridResampling: Sendable {
  let targetGrid: Int
  let sourceGrid: Int
  /// For each of `targetGrid` places along an axis, four source places and their weights.
  private let taps: [(place: Int, weight: Float)]
  var targets: Int { targetGrid * targetGrid }

  package init(from sourceGrid: Int, to targetGrid: Int) {
    self.sourceGrid = sourceGrid
    self.targetGrid = targetGrid
    let ratio = Double(sourceGrid) / Double(targetGrid)
    taps = (0..<targetGrid).flatMap { target in
      let centre = (Double(target) + 0.5) * ratio - 0.5
      let first = Int(centre.rounded(.down)) - 1
      return (first..<first + 4).map { place in
        (min(max(place, 0), sourceGrid - 1), Float(GridResampling.kernel(centre - Double(place))))
      }
    }
  }

  /// Visits every target (row by row), its sixteen sources and their weights, always in the same order.
  package func forEachTap(_ body: (_ target: Int, _ source: Int, _ weight: Float) -> Void) {
    for y in 0..<targetGrid {
      for x in 0..<targetGrid {
        for vertical in taps[4 * y..<4 * y + 4] {
          for horizontal in taps[4 * x..<4 * x + 4] {
            body(
              y * targetGrid + x, vertical.place * sourceGrid + horizontal.place, vertical.weight * horizontal.weight)
          }
        }
      }
    }
  }

  /// Keys' cubic convolution kernel (1981) with a = -0.75.
  static func kernel(_ x: Double) -> Double {
    let (a, x) = (-0.75, abs(x))
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    return 0
  }
}
