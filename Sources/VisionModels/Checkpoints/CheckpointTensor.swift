/// A tensor of somebody's checkpoint: what it is called there, and its extents. Its numbers are read later, one tensor at a time.
public struct CheckpointTensor: Hashable, Sendable {
  /// As the file calls it; levels of dictionaries are joined by dots.
  public let name: String
  /// Row-major.
  public let shape: [Int]
  /// As safetensors spells it: `F32`, `BF16`, `I64`, …
  public let type: String

  public init(name: String, shape: [Int], type: String) {
    self.name = name
    self.shape = shape
    self.type = type
  }

  /// Floating-point numbers that any of our readers gives as floats.
  var isReal: Bool { ["F64", "F32", "F16", "BF16"].contains(type) }
}
