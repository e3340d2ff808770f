import Kernels
public import Tensors
public import VisionModels

extension Standardization {
  /// The mean and deviation of the archive itself, over all pixels of at most `limit` images spread evenly through it; deviations
  /// are at least 1/255, so that an archive of black frames stays finite.
  /// - Complexity: O(min(count, limit) · height · width). Summed in image order in 64 bits: equal at any thread count.
  public static func measured(on stack: PixelStack, limit: Int = 4096) -> Standardization {
    let plane = stack.height * stack.width
    let images = min(stack.count, limit)
    if images == 0 || plane == 0 { return .neutral }
    var sums = [Double](repeating: 0, count: 3)
    var squares = [Double](repeating: 0, count: 3)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * plane) { pixels in
      for i in 0..<images {
        stack.read(i * stack.count / images, into: pixels.baseAddress!)
        for channel in 0..<3 {
          let start = pixels.baseAddress! + channel * plane
          sums[channel] += augment_sum(start, plane)
          squares[channel] += sum_of_squares(start, plane)
        }
      }
    }
    let n = Double(images * plane)
    let means = sums.map { $0 / n }
    let deviations = zip(squares, means).map { max($0 / n - $1 * $1, 1.0 / (255 * 255)).squareRoot() }
    return Standardization(mean: means.map { Float($0) }, deviation: deviations.map { Float($0) })
  }
}
