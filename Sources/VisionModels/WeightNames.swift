/// How weights are called in a file: our names are timm's, so a saved backbone opens in timm, and timm's here.
extension VisionTransformer {
  /// The backbone's tensors in the order in which they are saved: token, positions, patches, blocks, norm.
  public var weightNames: [(name: String, shape: [Int])] { entries.map { ($0.path, $0.shape) } }

  /// What keeps a set of named tensors from being this model's weights.
  public enum WeightMismatch: Error, Equatable {
    case missing(name: String, shape: [Int])
    case shape(name: String, wanted: [Int], found: [Int])
  }

  /// Fills the backbone's part of `parameters` from tensors by name; those it does not know (a head) are the caller's business.
  /// - Parameter tensor: the shape and the row-major numbers of a name, nil where there is none.
  /// - Throws: `WeightMismatch` for the first tensor that is missing or of another shape; `parameters` is then partly filled.
  public func load(
    into parameters: ParameterBuffer, _ tensor: (_ name: String) throws -> (shape: [Int], values: [Float])?
  ) throws {
    for entry in entries {
      guard let found = try tensor(entry.path) else {
        throw WeightMismatch.missing(name: entry.path, shape: entry.shape)
      }
      if found.shape != entry.shape {
        throw WeightMismatch.shape(name: entry.path, wanted: entry.shape, found: found.shape)
      }
      parameters.set(entry.path, found.values)
    }
  }
}
