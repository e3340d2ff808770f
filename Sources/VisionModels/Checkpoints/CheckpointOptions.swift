/// What a user says about a checkpoint; whatever is nil is found out.
public struct CheckpointOptions: Codable, Hashable, Sendable {
  /// A name that `VisionTransformer.Configuration.named` knows: says the width and the heads.
  public var arch: String?
  public var heads: Int?
  public var family: NamingFamily?
  public var standardization: Standardization?

  public init(
    arch: String? = nil, heads: Int? = nil, family: NamingFamily? = nil, standardization: Standardization? = nil
  ) {
    self.arch = arch
    self.heads = heads
    self.family = family
    self.standardization = standardization
  }
}

/// What lies beside a checkpoint says about it: the `config.json` and the `preprocessor_config.json` of transformers and their like.
public struct CheckpointCompanion: Hashable, Sendable {
  /// Files that were read.
  public var sources: [String] = []
  public var width: Int?
  public var depth: Int?
  public var heads: Int?
  public var patchSize: Int?
  public var imageSize: Int?
  public var registers: Int?
  public var layerNormEpsilon: Float?
  /// The name of the function in the feed-forward layers.
  public var activation: String?
  /// θ of rotary positions.
  public var ropeTheta: Double?
  public var standardization: Standardization?

  public init() {}
}
