extension VisionTransformer {
  /// The extents of a model.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Pixels on a side for which the table of positions is made.
    public var imageSize: Int
    /// Pixels on a side of a patch.
    public var patchSize: Int
    public var channels: Int
    public var width: Int
    public var depth: Int
    public var heads: Int
    /// The feed-forward layer is this many times as wide as the stream.
    public var mlpRatio: Int
    public var layerNormEpsilon: Float

    public init(
      imageSize: Int, patchSize: Int, channels: Int = 3, width: Int, depth: Int, heads: Int, mlpRatio: Int = 4,
      layerNormEpsilon: Float = 1e-6
    ) {
      self.imageSize = imageSize
      self.patchSize = patchSize
      self.channels = channels
      self.width = width
      self.depth = depth
      self.heads = heads
      self.mlpRatio = mlpRatio
      self.layerNormEpsilon = layerNormEpsilon
    }

    /// Names that `named` knows.
    public static let architectures = ["vit_tiny", "vit_small", "vit_base", "vit_large"]

    /// A model by its usual name: vit_tiny is 192 wide, with 3 heads and 12 blocks; vit_small 384, 6, 12; vit_base 768, 12, 12;
    /// vit_large 1024, 16, 24. Nil for any other name.
    public static func named(_ arch: String, imageSize: Int, patchSize: Int, depth: Int? = nil) -> Configuration? {
      let width: Int
      let heads: Int
      let blocks: Int
      switch arch {
      case "vit_tiny": (width, heads, blocks) = (192, 3, 12)
      case "vit_small": (width, heads, blocks) = (384, 6, 12)
      case "vit_base": (width, heads, blocks) = (768, 12, 12)
      case "vit_large": (width, heads, blocks) = (1024, 16, 24)
      default: return nil
      }
      return Configuration(
        imageSize: imageSize, patchSize: patchSize, width: width, depth: depth ?? blocks, heads: heads)
    }

    func check() {
      precondition(
        [imageSize, patchSize, channels, width, depth, heads, mlpRatio].allSatisfy { $0 > 0 }, "extents in \(self)")
      precondition(imageSize % patchSize == 0, "image \(imageSize) is no multiple of patch \(patchSize)")
      precondition(width % heads == 0, "width \(width) is no multiple of \(heads) heads")
    }
  }
}
