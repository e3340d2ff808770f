import Foundation

/// How much a tile looks as if tissue were folded in it.
///
/// Where tissue lies double, its optical density is double: in every channel alike, which tells a fold from a band of crowded nuclei, and along a
/// strip that crosses the tile. For strips of 16 directions, several places and three widths, each cut in five segments along its length,
/// a segment's evidence is
///
///     min(mean − spread of the channels' ln(inside / beside), 0.6) + 0.3 · min(ln(inside / typical of the slide's tissue), 0.8)
///
/// over tissue only; a strip is as good as its second worst segment, a tile as its best strip. (Kothari 2013 and HistoQC look for dark and
/// saturated tissue, which crowded nuclei are too.)
struct TissueFold {
  /// Cells on a side of the grid that a tile is averaged to.
  private static let side = 28
  private static let segments = 5
  private static let shared = TissueFold()

  /// For each segment of each strip the cells inside, on one side and on the other: bounds into `cells`.
  private var cells: [Int32] = []
  private var bounds: [Int32] = [0]
  /// For each strip its first segment.
  private var strips: [Int32] = [0]

  /// 0…0.84; 0.6 and more is a fold. nil where the slide has no tissue or the tile less than a tenth.
  static func evidence(_ pixels: [UInt8], size: Int, isTissue: [Bool], typicalDensity: Float?) -> Double? {
    guard let typicalDensity, size >= side else { return nil }
    var weights = [Float](repeating: 0, count: side * side)
    var sums = [Float](repeating: 0, count: 3 * side * side)
    var counts = [Float](repeating: 0, count: side * side)
    let table = OpticalDensity.table
    let least = 0.35 * typicalDensity
    for y in 0..<size {
      for x in 0..<size {
        let cell = y * side / size * side + x * side / size
        counts[cell] += 1
        let i = y * size + x
        if !isTissue[i] { continue }
        let (red, green, blue) = (
          table[Int(pixels[3 * i])], table[Int(pixels[3 * i + 1])], table[Int(pixels[3 * i + 2])]
        )
        if red + green + blue <= least { continue }
        weights[cell] += 1
        sums[3 * cell] += red
        sums[3 * cell + 1] += green
        sums[3 * cell + 2] += blue
      }
    }
    if weights.reduce(0, +) < 0.1 * Float(size * size) { return nil }
    for cell in counts.indices where counts[cell] > 0 {
      weights[cell] /= counts[cell]
      for channel in 0..<3 { sums[3 * cell + channel] /= counts[cell] }
    }
    return shared.best(weights, sums, typicalDensity)
  }

  private func best(_ weights: [Float], _ sums: [Float], _ typical: Float) -> Double {
    var best: Float = 0
    for strip in 0..<strips.count - 1 {
      // The two least of the segments.
      var (worst, second) = (Float.infinity, Float.infinity)
      for segment in Int(strips[strip])..<Int(strips[strip + 1]) {
        let value = evidence(segment, weights, sums, typical)
        if value < worst { (worst, second) = (value, worst) } else { second = min(second, value) }
        if second <= best { break }
      }
      if second > best && second < .infinity { best = second }
    }
    return Double(best)
  }

  private func evidence(_ segment: Int, _ weights: [Float], _ sums: [Float], _ typical: Float) -> Float {
    let none: Float = -1
    let inside = mean(3 * segment, weights, sums)
    guard inside.weight > 0.3 else { return none }
    var beside = SIMD3<Float>.zero
    var sides: Float = 0
    for part in 1...2 {
      let other = mean(3 * segment + part, weights, sums)
      if other.weight > 0.3 {
        beside += other.density
        sides += 1
      }
    }
    guard sides > 0 else { return none }
    beside /= sides
    let softening: Float = 0.03
    var ratios = SIMD3<Float>.zero
    for channel in 0..<3 {
      ratios[channel] = log((inside.density[channel] + softening) / (beside[channel] + softening))
    }
    let alike = ratios.sum() / 3 - (ratios.max() - ratios.min())
    let dense = log((inside.density.sum() + softening) / typical)
    return min(alike, 0.6) + 0.3 * min(dense, 0.8)
  }

  /// The mean density of tissue in one part of a segment, and the share of it that is tissue.
  private func mean(
    _ part: Int, _ weights: [Float], _ sums: [Float]
  ) -> (weight: Float, density: SIMD3<Float>) {
    let range = Int(bounds[part])..<Int(bounds[part + 1])
    if range.isEmpty { return (0, .zero) }
    var weight: Float = 0
    var density = SIMD3<Float>.zero
    for index in range {
      let cell = Int(cells[index])
      weight += weights[cell]
      density += SIMD3(sums[3 * cell], sums[3 * cell + 1], sums[3 * cell + 2])
    }
    return (weight / Float(range.count), weight > 0 ? density / weight : .zero)
  }

  /// Lays out the strips.
  private init() {
    let side = TissueFold.side
    let centre = Double(side - 1) / 2
    for direction in 0..<16 {
      let (sine, cosine) = (sin(Double(direction) * .pi / 16), cos(Double(direction) * .pi / 16))
      for offset in stride(from: -0.3 * Double(side), through: 0.3 * Double(side), by: 2) {
        for width in [6.0, 9, 13] { add(sine, cosine, offset, width, centre) }
      }
    }
  }

  private mutating func add(_ sine: Double, _ cosine: Double, _ offset: Double, _ width: Double, _ centre: Double) {
    let (side, segments) = (TissueFold.side, TissueFold.segments)
    var parts = [[Int32]](repeating: [], count: 3 * segments)
    let gap = width / 2 + 1
    for y in 0..<side {
      for x in 0..<side {
        let (dx, dy) = (Double(x) - centre, Double(y) - centre)
        let across = dx * sine - dy * cosine - offset
        let along = dx * cosine + dy * sine
        let place = (along + Double(side) / 2) / Double(side) * Double(segments)
        let segment = min(max(Int(place.rounded(.down)), 0), segments - 1)
        let part: Int? =
          abs(across) < width / 2
          ? 0 : across < -gap && across > -gap - 4 ? 1 : across > gap && across < gap + 4 ? 2 : nil
        if let part { parts[3 * segment + part].append(Int32(y * side + x)) }
      }
    }
    let kept = (0..<segments).filter { parts[3 * $0].count >= 4 }
    if kept.count < segments - 1 { return }
    for segment in kept {
      for part in 0..<3 {
        let found = parts[3 * segment + part]
        // Two cells at the corner of a tile are no side.
        if part == 0 || found.count >= 3 { cells += found }
        bounds.append(Int32(cells.count))
      }
    }
    strips.append(strips[strips.count - 1] + Int32(kept.count))
  }
}
