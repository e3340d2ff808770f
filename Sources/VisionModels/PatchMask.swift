import Kernels

/// Patches that a pass does not see: a learned vector stands in the stream for each, at the patch's own position (Bao et al. 2022, BEiT,
/// arXiv 2106.08254, section 2.3; as iBOT and DINOv2 do it).
public struct PatchMask: Sendable {
  /// Where the vector that stands for them lies in the parameters.
  public var token: Range<Int>
  /// `image · patches + patch` of the images of a pass, patches counted row by row; none twice.
  public var places: [Int]

  public init(token: Range<Int>, places: [Int]) {
    self.token = token
    self.places = places
  }

  /// The row of each place in a stream [images, tokens, width].
  func rows(tokens: Int, prefix: Int) -> [Int] {
    let patches = tokens - prefix
    return places.map { $0 / patches * tokens + prefix + $0 % patches }
  }
}

extension VisionTransformer {
  /// Puts the vector and the positions in the place of what was embedded.
  func hide(_ mask: PatchMask, weights: PackedWeights, tape: Tape) {
    let (width, prefix) = (configuration.width, configuration.prefixTokens)
    precondition(mask.token.count == width, "a mask vector of \(mask.token.count), a width of \(width)")
    let token = weights.parameters.pointer + mask.token.lowerBound
    for row in mask.rows(tokens: tape.tokens, prefix: prefix) {
      precondition(row < tape.count * tape.tokens, "row \(row) of \(tape.count * tape.tokens)")
      let target = tape.blocks[0].input + row * width
      target.update(from: token, count: width)
      axpby(target, tape.positions + row % tape.tokens * width, width, 1, 1)
    }
  }

  /// Adds the vector's gradient, and takes what would go to the patches that were not seen.
  /// - Parameters:
  ///   - stream: the gradient of the tokens. patches: the same of the patches alone, as operands.
  func unhide(
    _ mask: PatchMask, stream: UnsafePointer<Float>, patches: UnsafeMutableRawPointer, tape: Tape,
    adding gradient: UnsafeMutablePointer<Float>
  ) {
    let width = configuration.width
    for (place, row) in zip(mask.places, mask.rows(tokens: tape.tokens, prefix: configuration.prefixTokens)) {
      axpby(gradient + mask.token.lowerBound, stream + row * width, width, 1, 1)
      patches.advanced(by: place * width, tape.precision).initializeMemory(
        as: UInt8.self, repeating: 0, count: width * tape.precision.bytes)
    }
  }
}
