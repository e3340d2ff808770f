public import VisionModels

/// Where in a network a vector is taken: a layer and a pooling.
public struct FeaturePlace: Hashable, Codable, Sendable {
  /// The stream as it enters that block; nil is the end of the network, after the final norm.
  public var layer: Int?
  public var pool: VisionTransformer.Pool

  public init(layer: Int?, pool: VisionTransformer.Pool) {
    self.layer = layer
    self.pool = pool
  }
}
