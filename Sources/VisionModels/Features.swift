import Kernels

/// Inference: one vector an image.
extension VisionTransformer {
  /// Which tokens make an image's vector.
  public enum Pool: String, Codable, Sendable, CaseIterable {
    /// The class token.
    case cls
    /// The mean of the patch tokens; registers are none.
    case mean
    /// The class token, then the mean.
    case clsMean = "cls+mean"
    /// The class token and the mean, then the means of the patch tokens in each of 8 × 8 cells of the image, row by row: what is where. With
    /// fewer patches along a side than cells, neighbouring cells share one.
    case layout
  }

  /// Cells along a side for `Pool.layout`.
  public static let layoutCells = 8

  /// Length of a feature vector.
  public func featureWidth(_ pool: Pool) -> Int {
    let tokens =
      switch pool {
      case .cls, .mean: 1
      case .clsMean: 2
      case .layout: 2 + VisionTransformer.layoutCells * VisionTransformer.layoutCells
      }
    return tokens * configuration.width
  }

  /// Writes [count, featureWidth(pool)].
  /// - Parameters:
  ///   - images: [count, channels, side, side], standardised.
  ///   - layer: the stream as it enters that block, without a norm; nil is the end of the network, after the final norm.
  public func features(
    _ images: UnsafePointer<Float>, count: Int, weights: PackedWeights, tape: Tape, layer: Int?, pool: Pool,
    into target: UnsafeMutablePointer<Float>
  ) {
    beginFeatures(count: count, weights: weights, tape: tape)
    features(images, weights: weights, tape: tape, layer: layer, pool: pool, share: .whole, into: target)
  }

  /// Once a pass, before its members begin.
  func beginFeatures(count: Int, weights: PackedWeights, tape: Tape) {
    begin(tape, count: count, weights: weights)
    tape.hasResidualScale = false
    tape.mask = nil
    // A backward after this would mix two passes.
    tape.queries = 0
  }

  /// One member's share of `features`.
  func features(
    _ images: UnsafePointer<Float>, weights: PackedWeights, tape: Tape, layer: Int?, pool: Pool, share: Share,
    into target: UnsafeMutablePointer<Float>
  ) {
    let queries = layer == nil && pool == .cls ? 1 : tape.tokens
    let rows = stream(images, weights: weights, tape: tape, layer: layer, queries: queries, share: share)
    if share.index > 0 { return }
    self.pool(rows, tokens: queries, count: tape.count, pool, into: target)
  }

  /// All tokens, [count, tokens, width], as they enter a block, or after the final norm.
  public func tokens(
    _ images: UnsafePointer<Float>, count: Int, weights: PackedWeights, tape: Tape, layer: Int?,
    into target: UnsafeMutablePointer<Float>
  ) {
    beginFeatures(count: count, weights: weights, tape: tape)
    let rows = stream(images, weights: weights, tape: tape, layer: layer, queries: tape.tokens, share: .whole)
    target.update(from: rows, count: count * tape.tokens * configuration.width)
  }

  /// Queries, keys and values of a block, [count, tokens, 3 · width], each part head by head; with rotary positions already turned.
  public func queriesKeysValues(
    _ images: UnsafePointer<Float>, count: Int, weights: PackedWeights, tape: Tape, block: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    let qkv = project(images, count: count, weights: weights, tape: tape, block: block)
    widen(target, qkv, tape.precision.number, count * tape.tokens * 3 * configuration.width)
  }

  /// The attention of a block, [count, heads, queries, tokens]: rows that sum to one.
  /// - Parameter queries: how many tokens of each image ask, from the class token on; nil for all.
  public func attention(
    _ images: UnsafePointer<Float>, count: Int, weights: PackedWeights, tape: Tape, block: Int, queries: Int? = nil,
    into target: UnsafeMutablePointer<Float>
  ) {
    let qkv = project(images, count: count, weights: weights, tape: tape, block: block)
    let shape = Attention.Shape(images: count, tokens: tape.tokens, queries: queries ?? tape.tokens)
    for unit in 0..<count * configuration.heads {
      var head = blocks[block].attention.head(qkv, shape, unit, tape.precision)
      attention_weights(&head, target + unit * shape.queries * shape.tokens, tape.headScratch[0])
    }
  }

  /// Runs up to a block and through it, and gives its queries, keys and values.
  private func project(
    _ images: UnsafePointer<Float>, count: Int, weights: PackedWeights, tape: Tape, block: Int
  ) -> UnsafeMutableRawPointer {
    precondition(blocks.indices.contains(block), "block \(block) of \(blocks.count)")
    beginFeatures(count: count, weights: weights, tape: tape)
    embed(images, weights: weights, tape: tape)
    run(block + 1, weights: weights, tape: tape, lastQueries: tape.tokens)
    return tape.blocks[block].attention.qkv
  }

  /// The stream at a layer; with `layer` nil, the normed rows of `queries` tokens of each image.
  private func stream(
    _ images: UnsafePointer<Float>, weights: PackedWeights, tape: Tape, layer: Int?, queries: Int, share: Share
  ) -> UnsafePointer<Float> {
    embed(images, weights: weights, tape: tape, share: share)
    if let layer {
      precondition(layer >= 0 && layer < blocks.count, "layer \(layer) of \(blocks.count)")
      run(layer, weights: weights, tape: tape, lastQueries: tape.tokens, share: share)
      return UnsafePointer(tape.blocks[layer].input)
    }
    run(blocks.count, weights: weights, tape: tape, lastQueries: queries, share: share)
    if share.index == 0 { finish(rows: tape.count * queries, weights: weights, tape: tape) }
    return UnsafePointer(tape.finalRows)
  }

  /// One pass, and of each layer the vectors of each pooling.
  /// - Parameters:
  ///   - layers: as in `features`, nil for the end of the network.
  ///   - target: where the vectors of a layer (its place in `layers`) under a pooling (likewise) go, [count, featureWidth(pool)]; nil: not wanted.
  public func features(
    _ images: UnsafePointer<Float>, count: Int, weights: PackedWeights, tape: Tape, layers: [Int?], pools: [Pool],
    into target: (_ layer: Int, _ pool: Int) -> UnsafeMutablePointer<Float>?
  ) {
    beginFeatures(count: count, weights: weights, tape: tape)
    func take(_ layer: Int?, _ rows: UnsafePointer<Float>) {
      for (place, wanted) in layers.enumerated() where wanted == layer {
        for (number, kind) in pools.enumerated() {
          guard let vectors = target(place, number) else { continue }
          pool(rows, tokens: tape.tokens, count: count, kind, into: vectors)
        }
      }
    }
    embed(images, weights: weights, tape: tape)
    for index in blocks.indices {
      take(index, UnsafePointer(tape.blocks[index].input))
      blocks[index].forward(tape.blocks[index], pass(tape, index, weights: weights, queries: tape.tokens))
    }
    finish(rows: count * tape.tokens, weights: weights, tape: tape)
    take(nil, UnsafePointer(tape.finalRows))
  }

  private func pool(
    _ rows: UnsafePointer<Float>, tokens: Int, count: Int, _ pool: Pool, into target: UnsafeMutablePointer<Float>
  ) {
    let (width, prefix) = (configuration.width, configuration.prefixTokens)
    for image in 0..<count {
      let source = rows + image * tokens * width
      let vector = target + image * featureWidth(pool)
      let patches = source + prefix * width
      switch pool {
      case .cls: vector.update(from: source, count: width)
      case .mean: mean(of: patches, tokens - prefix, into: vector)
      case .clsMean, .layout:
        vector.update(from: source, count: width)
        mean(of: patches, tokens - prefix, into: vector + width)
        if pool == .layout { cells(of: patches, tokens - prefix, into: vector + 2 * width) }
      }
    }
  }

  private func mean(of rows: UnsafePointer<Float>, _ count: Int, into target: UnsafeMutablePointer<Float>) {
    let width = configuration.width
    target.update(repeating: 0, count: width)
    column_sums(target, rows, Precision.f32.number, count, width, width)
    axpby(target, target, width, 1 / Float(count), 0)
  }

  /// Square images: as many patches along as down.
  private func cells(of patches: UnsafePointer<Float>, _ count: Int, into target: UnsafeMutablePointer<Float>) {
    let (width, cells) = (configuration.width, VisionTransformer.layoutCells)
    let side = Int(Double(count).squareRoot())
    precondition(side * side == count, "\(count) patches are no square")
    let spans = (0..<cells).map { cell in
      let start = cell * side / cells
      return start..<max((cell + 1) * side / cells, start + 1)
    }
    for (place, (down, along)) in spans.flatMap({ down in spans.map { (down, $0) } }).enumerated() {
      let vector = target + place * width
      vector.update(repeating: 0, count: width)
      for row in down {
        column_sums(
          vector, patches + (row * side + along.lowerBound) * width, Precision.f32.number, along.count, width, width)
      }
      axpby(vector, vector, width, 1 / Float(down.count * along.count), 0)
    }
  }
}
