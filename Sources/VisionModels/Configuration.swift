extension VisionTransformer {
  /// The extents of a model and which of the published variants it is. Everything that changes the numbers a set of weights gives
  /// is here, so it travels with them.
  public struct Configuration: Codable, Hashable, Sendable {
    /// Pixels on a side for which the table of positions is made; rotary positions know no size of their own.
    public var imageSize: Int
    /// Pixels on a side of a patch.
    public var patchSize: Int
    public var channels: Int
    public var width: Int
    public var depth: Int
    public var heads: Int
    /// Width of the feed-forward layer between its two products; of each half where it is gated.
    public var hiddenWidth: Int
    public var feedForward: FeedForwardKind
    public var positions: Positions
    public var interpolation: PositionInterpolation
    /// Tokens without a place, between the class token and the patches ("Vision Transformers Need Registers", arXiv 2309.16588).
    public var registers: Int
    /// A learned factor per channel on each residual branch ("Going deeper with Image Transformers", arXiv 2103.17239).
    public var hasLayerScale: Bool
    public var layerNormEpsilon: Float

    /// What stands between the two products of a feed-forward layer.
    public enum FeedForwardKind: String, Codable, Sendable, CaseIterable {
      /// GELU, the exact one.
      case mlp
      /// silu(a) · b, a and b the halves of the first product (Shazeer 2020, arXiv 2002.05202): DINOv2 giant, DINOv3 7B.
      case swiglu
    }

    /// How a token knows its place.
    public enum Positions: String, Codable, Sendable, CaseIterable {
      /// A learned table, class token included, added once; resampled for other sizes.
      case table
      /// Queries and keys of patches are turned by angles of their place in every block (DINOv3, θ = 100): any size.
      case rotary
    }

    /// How a table of positions is resampled to another grid. The published codes differ, and features with them.
    public enum PositionInterpolation: String, Codable, Sendable, CaseIterable {
      /// Bicubic, a = -0.75: transformers' Dinov2, and what is trained here.
      case bicubic
      /// The same, with 0.1 added to the size of the new grid: DINO's and DINOv2's own code.
      case bicubicOffset = "bicubic-offset"
      /// Bicubic, a = -0.5, antialiased: timm, and DINOv2 with registers.
      case bicubicAntialias = "bicubic-antialias"
    }

    /// - Parameter hiddenWidth: four times the width unless given.
    public init(
      imageSize: Int, patchSize: Int, channels: Int = 3, width: Int, depth: Int, heads: Int, hiddenWidth: Int? = nil,
      feedForward: FeedForwardKind = .mlp, positions: Positions = .table,
      interpolation: PositionInterpolation = .bicubic,
      registers: Int = 0, hasLayerScale: Bool = false, layerNormEpsilon: Float = 1e-6
    ) {
      self.imageSize = imageSize
      self.patchSize = patchSize
      self.channels = channels
      self.width = width
      self.depth = depth
      self.heads = heads
      self.hiddenWidth = hiddenWidth ?? 4 * width
      self.feedForward = feedForward
      self.positions = positions
      self.interpolation = interpolation
      self.registers = registers
      self.hasLayerScale = hasLayerScale
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

    /// Tokens before the patches: the class token and the registers.
    public var prefixTokens: Int { 1 + registers }

    /// What keeps these extents from being a model's, in words; nil where nothing does.
    public var fault: String? {
      if ![imageSize, patchSize, channels, width, depth, heads, hiddenWidth].allSatisfy({ $0 > 0 }) || registers < 0 {
        return "an extent is not above zero"
      }
      if imageSize % patchSize != 0 { return "image \(imageSize) is no multiple of patch \(patchSize)" }
      if width % heads != 0 { return "width \(width) is no multiple of \(heads) heads" }
      if positions == .rotary && width / heads % 4 != 0 {
        return "rotary positions want heads of a multiple of 4 channels, not \(width / heads)"
      }
      return nil
    }

    /// What keeps a model of these extents from that precision; nil where nothing does.
    public func fault(in precision: Precision) -> String? {
      if precision == .bf16 && (width / heads % 2 != 0 || hiddenWidth % 2 != 0) {
        return "bf16 wants heads and hidden layers of an even width, not \(width / heads) and \(hiddenWidth)"
      }
      return nil
    }

    func check() {
      if let fault { preconditionFailure("\(fault) in \(self)") }
    }
  }
}
