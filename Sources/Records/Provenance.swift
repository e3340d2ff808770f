/// Where numbers come from. Embeddings of different provenance must not be mixed: equal columns would mean different things.
public struct Provenance: Codable, Hashable, Sendable {
  /// SHA-256 of the weights, 64 hex digits.
  public var modelDigest: String
  /// What was done to the pixels before the model, in one line of canonical JSON.
  public var preprocessing: String
  /// Where in the network the vector was taken: `layer=3 pool=mean`.
  public var features: String
  /// `f32` and the kernel family that computed it.
  public var arithmetic: String

  public init(modelDigest: String, preprocessing: String, features: String, arithmetic: String) {
    self.modelDigest = modelDigest
    self.preprocessing = preprocessing
    self.features = features
    self.arithmetic = arithmetic
  }

  /// Whether columns mean the same: equal weights, pixels and place. Precision and unit may differ; they move a vector by little.
  public func isComparable(to other: Provenance) -> Bool {
    modelDigest == other.modelDigest && preprocessing == other.preprocessing && features == other.features
  }
}
