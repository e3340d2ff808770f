package import Tensors

/// Which patches of a crop are hidden from the student: rectangles, so that what is hidden cannot be read off its neighbours (Bao et al. 2022, BEiT,
/// arXiv 2106.08254, algorithm 1, with DINOv2's numbers: at least 4 patches a rectangle, shapes from 0.3 to 1/0.3, ten tries).
package struct BlockMasking: Sendable {
  /// Patches on a side of a crop.
  package let grid: Int
  package let probability: Double
  package let ratio: ClosedRange<Double>

  package init(grid: Int, probability: Double, ratio: ClosedRange<Double>) {
    self.grid = grid
    self.probability = probability
    self.ratio = ratio
  }

  /// Patches hidden at most.
  package var most: Int { Int((ratio.upperBound * Double(grid * grid)).rounded(.down)) }

  /// The hidden patches of one crop, counted row by row, ascending; none for crops that stay whole.
  ///
  /// DINOv2 spreads the ratios evenly over a batch. Here each crop draws its own, so that it depends on nothing but its generator.
  package func draw(_ generator: inout RandomGenerator) -> [Int] {
    guard generator.chance(probability) else { return [] }
    let wanted = min(Int((generator.uniform(ratio) * Double(grid * grid)).rounded()), most)
    var isHidden = [Bool](repeating: false, count: grid * grid)
    var hidden = 0
    while hidden < wanted {
      let added = addRectangle(to: &isHidden, atMost: wanted - hidden, &generator)
      if added == 0 { break }
      hidden += added
    }
    return isHidden.indices.filter { isHidden[$0] }
  }

  /// Hides one rectangle more of which at most so many patches are new; returns how many were, 0 after ten tries.
  private func addRectangle(
    to isHidden: inout [Bool], atMost limit: Int, _ generator: inout RandomGenerator
  ) -> Int {
    for _ in 0..<10 {
      let area = generator.uniform(Double(min(4, limit))...Double(max(4, limit)))
      let shape = generator.logUniform(0.3...1 / 0.3)
      let height = Int((area * shape).squareRoot().rounded())
      let width = Int((area / shape).squareRoot().rounded())
      guard (1..<grid).contains(height), (1..<grid).contains(width) else { continue }
      let top = generator.integer(below: grid - height + 1)
      let left = generator.integer(below: grid - width + 1)
      let places = (top..<top + height).flatMap { row in (left..<left + width).map { row * grid + $0 } }
      let new = places.filter { !isHidden[$0] }
      guard (1...limit).contains(new.count) else { continue }
      for place in new { isHidden[place] = true }
      return new.count
    }
    return 0
  }
}
