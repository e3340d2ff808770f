/// A model's extents from its tensors' shapes; what no shape tells comes from the family, what lies beside the file, and the user.
struct ArchitectureInference {
  let family: NamingFamily
  let options: CheckpointOptions
  let companion: CheckpointCompanion
  /// Our names to the tensors that make them up.
  let pieces: CheckpointPieces
  private(set) var notes: [String] = []

  /// θ of DINOv3, and of the network here.
  static let ropeTheta = 100.0

  init(
    _ family: NamingFamily, _ options: CheckpointOptions, _ companion: CheckpointCompanion, _ pieces: CheckpointPieces
  ) {
    self.family = family
    self.options = options
    self.companion = companion
    self.pieces = pieces
  }

  /// - Throws: `CheckpointError`.
  mutating func configuration() throws -> VisionTransformer.Configuration {
    let projection = try tensor("patch_embed.proj.weight")
    guard projection.shape.count == 4, projection.shape[2] == projection.shape[3], projection.shape[1] == 3 else {
      throw CheckpointError.shape(
        name: projection.name, found: projection.shape, wanted: "width × 3 × patch × patch")
    }
    let (width, patch) = (projection.shape[0], projection.shape[2])
    guard width > 0, patch > 0 else {
      throw CheckpointError.shape(name: projection.name, found: projection.shape, wanted: "extents above zero")
    }
    guard let depth = pieces.depth else { throw CheckpointError.missing(name: "blocks.0.norm1.weight") }
    let registers = try registers(width)
    let (hidden, isGated) = try feedForward()
    let own = companion.describes(width: width, depth: depth, patch: patch) ? companion : CheckpointCompanion()
    if !companion.sources.isEmpty, own.sources.isEmpty {
      notes.append("\(companion.sources.joined(separator: ", ")) beside the file: of another model, not read")
    }
    try checkFunctions(own, isGated)
    if let said = own.registers, said != registers {
      throw CheckpointError.contradiction(
        "\(own.sources.joined(separator: ", ")) beside the file: \(said) registers; the file has \(registers)")
    }
    let made = VisionTransformer.Configuration(
      imageSize: try imageSize(patch, registers, own), patchSize: patch, width: width, depth: depth,
      heads: try heads(width, own), hiddenWidth: hidden, feedForward: isGated ? .swiglu : .mlp,
      positions: family.positions, interpolation: family.interpolation, registers: registers,
      hasLayerScale: pieces.names.contains { $0.hasSuffix(".gamma") },
      layerNormEpsilon: own.layerNormEpsilon ?? family.layerNormEpsilon)
    if let fault = made.fault { throw CheckpointError.contradiction(fault) }
    return made
  }

  /// The pixels' mean and deviation, and who says so.
  mutating func standardization(of configuration: VisionTransformer.Configuration) -> Standardization {
    if let given = options.standardization { return given }
    if companion.describes(
      width: configuration.width, depth: configuration.depth, patch: configuration.patchSize),
      let found = companion.standardization
    {
      notes.append("mean and deviation: as \(companion.sources.joined(separator: ", ")) beside the file says")
      return found
    }
    let whose = family.standardization == .clip ? "CLIP's" : "ImageNet's"
    notes.append("mean and deviation: \(whose), as is usual for this family; --mean and --std for others")
    return family.standardization
  }

  // MARK: extents

  private func tensor(_ name: String) throws -> CheckpointTensor {
    guard let found = pieces[name, .whole] else { throw CheckpointError.missing(name: name) }
    return found
  }

  private func registers(_ width: Int) throws -> Int {
    guard let tokens = pieces["reg_token", .whole] else { return 0 }
    guard tokens.shape.count == 3, tokens.shape[0] == 1, tokens.shape[2] == width else {
      throw CheckpointError.shape(name: tokens.name, found: tokens.shape, wanted: "1 × registers × \(width)")
    }
    return tokens.shape[1]
  }

  /// The second product's columns are the hidden width; a first product of twice as many rows is gated.
  private func feedForward() throws -> (hidden: Int, isGated: Bool) {
    let second = try tensor("blocks.0.mlp.fc2.weight")
    guard second.shape.count == 2, second.shape[1] > 0 else {
      throw CheckpointError.shape(name: second.name, found: second.shape, wanted: "width × hidden width")
    }
    if pieces["blocks.0.mlp.fc1.weight", .gate] != nil { return (second.shape[1], true) }
    return (second.shape[1], try tensor("blocks.0.mlp.fc1.weight").shape.first == 2 * second.shape[1])
  }

  /// The side of the square table of positions, which may hold the class token's row, or the registers' as well, or neither.
  private mutating func imageSize(_ patch: Int, _ registers: Int, _ own: CheckpointCompanion) throws -> Int {
    if family.positions == .rotary {
      let usual = own.imageSize ?? 224
      return usual > 0 && usual % patch == 0 ? usual : 16 * patch
    }
    let table = try tensor("pos_embed")
    guard table.shape.count == 3, table.shape[0] == 1,
      let grid = PositionRows(rows: table.shape[1], registers: registers)?.grid,
      !grid.multipliedReportingOverflow(by: patch).overflow
    else {
      throw CheckpointError.shape(name: table.name, found: table.shape, wanted: "1 × (1 + a square) × width")
    }
    return grid * patch
  }

  // MARK: what no shape tells

  private mutating func heads(_ width: Int, _ own: CheckpointCompanion) throws -> Int {
    if let given = options.heads { return given }
    if let arch = options.arch {
      guard let named = VisionTransformer.Configuration.named(arch, imageSize: 16, patchSize: 16) else {
        throw CheckpointError.contradiction("no architecture \(arch)")
      }
      guard named.width == width else {
        throw CheckpointError.contradiction("\(arch) is \(named.width) channels wide, the file's model \(width)")
      }
      return named.heads
    }
    if let said = own.heads { return said }
    if let periods = pieces.periods, periods.shape.count == 1, periods.shape[0] > 0,
      width % (4 * min(periods.shape[0], width)) == 0
    {
      return width / (4 * periods.shape[0])
    }
    let heads: Int
    switch (width, family.positions) {
    case (1280, .table): heads = 16  // ViT-H of the first paper: 80 channels a head
    case (4096, .rotary): heads = 32  // DINOv3 7B: 128
    case _ where width % 64 == 0: heads = width / 64
    default: throw CheckpointError.unknownHeads(width: width)
    }
    notes.append("heads: \(heads) of \(width / heads) channels, as is usual; no tensor tells: --heads N for others")
    return heads
  }

  private func checkFunctions(_ own: CheckpointCompanion, _ isGated: Bool) throws {
    if let theta = own.ropeTheta, family.positions == .rotary, theta != ArchitectureInference.ropeTheta {
      throw CheckpointError.unsupported("rope_theta \(theta); rotary positions are computed with 100 here")
    }
    guard let function = own.activation else { return }
    // transformers' Dinov2 gates by silu whatever its configuration names.
    let isSaid = !isGated || family == .transformersDINOv3
    let wanted = isGated ? ["silu", "swish"] : ["gelu"]
    if isSaid && !wanted.contains(function) {
      throw CheckpointError.unsupported("\(function) in the feed-forward layers; \(wanted[0]) is computed here")
    }
  }
}

extension CheckpointCompanion {
  /// False where its extents are another model's.
  func describes(width: Int, depth: Int, patch: Int) -> Bool {
    (self.width ?? width) == width && (self.depth ?? depth) == depth && (patchSize ?? patch) == patch
  }
}

/// How the rows of a table of positions are to be read.
struct PositionRows: Equatable {
  enum Kind: Equatable {
    /// Class token, then patches: as we keep it.
    case classAndPatches
    /// Patches only: the class token has no place (timm's `no_embed_class`).
    case patches
    /// Class token, registers, patches.
    case all
  }

  /// Patches on a side.
  let grid: Int
  let kind: Kind

  /// - Returns: nil where no reading leaves a square.
  init?(rows: Int, registers: Int) {
    for (before, kind) in [(1, Kind.classAndPatches), (0, .patches), (1 + registers, .all)] {
      let patches = rows - before
      let side = patches > 0 ? Int(Double(patches).squareRoot().rounded()) : 0
      if side > 0, side.multipliedReportingOverflow(by: side).partialValue == patches {
        grid = side
        self.kind = kind
        return
      }
    }
    return nil
  }
}
