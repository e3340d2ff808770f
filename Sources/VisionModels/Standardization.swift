/// What pixels in 0…1 go through before they enter a network: per channel, minus a mean, over a deviation. It is part of a model
/// and travels with its weights.
public struct Standardization: Codable, Hashable, Sendable {
  /// One per channel.
  public var mean: [Float]
  /// One per channel, above zero.
  public var deviation: [Float]

  /// - Precondition: three of each, deviations above zero.
  public init(mean: [Float], deviation: [Float]) {
    precondition(mean.count == 3 && deviation.count == 3, "\(mean.count) means, \(deviation.count) deviations")
    precondition(deviation.allSatisfy { $0 > 0 }, "deviations \(deviation)")
    self.mean = mean
    self.deviation = deviation
  }

  /// For networks trained here: mean 0.5, deviation 0.25.
  public static let neutral = Standardization(mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25])

  /// For networks trained on ImageNet: torchvision's constants.
  public static let imageNet = Standardization(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])

  /// Standardises three planes [3, height, width] in place. - Complexity: O(height · width).
  public func apply(to planes: UnsafeMutablePointer<Float>, height: Int, width: Int) {
    for channel in 0..<3 {
      let plane = planes + channel * height * width
      let (centre, factor) = (mean[channel], 1 / deviation[channel])
      for index in 0..<height * width { plane[index] = (plane[index] - centre) * factor }
    }
  }
}
