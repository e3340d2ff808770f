import Kernels

/// Inference: one vector an image.
extension VisionTransformer {
  /// Which tokens make an image's vector.
  public enum Pool: String, Codable, Sendable, CaseIterable {
    /// The class token.
    case cls
    /// The mean of the patch tokens.
    case mean
    /// The class token, then the mean.
    case clsMean = "cls+mean"
  }

  /// Length of a feature vector.
  public func featureWidth(_ pool: Pool) -> Int { pool == .clsMean ? 2 * configuration.width : configuration.width }

  /// Writes [count, featureWidth(pool)].
  /// - Parameters:
  ///   - images: [count, channels, side, side], standardised.
  ///   - layer: the stream as it enters that block, without a norm; nil is the end of the network, after the final norm.
  public func features(
    _ images: UnsafePointer<Float>, count: Int, parameters: UnsafePointer<Float>, tape: Tape, layer: Int?, pool: Pool,
    into target: UnsafeMutablePointer<Float>
  ) {
    if let layer {
      precondition(layer >= 0 && layer < blocks.count, "layer \(layer) of \(blocks.count)")
      tape.hasResidualScale = false
      embed(images, count: count, parameters: parameters, tape: tape)
      run(layer, of: count, parameters: parameters, tape: tape, lastQueries: tape.tokens)
      self.pool(tape.blocks[layer].input, tokens: tape.tokens, count: count, pool, into: target)
    } else if pool == .cls {
      forward(images, count: count, parameters: parameters, tape: tape)
      self.pool(tape.classFeatures, tokens: 1, count: count, pool, into: target)
    } else {
      tape.hasResidualScale = false
      embed(images, count: count, parameters: parameters, tape: tape)
      run(blocks.count, of: count, parameters: parameters, tape: tape, lastQueries: tape.tokens)
      norm.forward(
        tape.blocks[blocks.count - 1].output, rows: count * tape.tokens, parameters: parameters, into: tape.finalRows,
        statistics: tape.finalStatistics)
      self.pool(tape.finalRows, tokens: tape.tokens, count: count, pool, into: target)
    }
    // A backward after this would mix two passes.
    tape.count = 0
  }

  private func pool(
    _ rows: UnsafePointer<Float>, tokens: Int, count: Int, _ pool: Pool, into target: UnsafeMutablePointer<Float>
  ) {
    let width = configuration.width
    for image in 0..<count {
      let source = rows + image * tokens * width
      var vector = target + image * featureWidth(pool)
      if pool != .mean {
        vector.update(from: source, count: width)
        vector += width
      }
      if pool != .cls {
        vector.update(repeating: 0, count: width)
        column_sums(vector, source + width, tokens - 1, width, width)
        axpby(vector, vector, width, 1 / Float(tokens - 1), 0)
      }
    }
  }
}
