import VisionModels

extension Arguments {
  /// `--precision f32|bf16`.
  func precision() throws -> Precision {
    guard let value = Precision(rawValue: try text("precision")) else { throw Usage("--precision is f32 or bf16") }
    return value
  }
}
