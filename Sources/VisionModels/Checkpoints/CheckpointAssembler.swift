/// Finds for each tensor of a model what makes it up in a checkpoint, and writes the report.
struct CheckpointAssembler {
  let configuration: VisionTransformer.Configuration
  let family: NamingFamily
  let pieces: CheckpointPieces
  private(set) var report = CheckpointReport()
  private(set) var plan: [(name: String, count: Int, assembly: Assembly)] = []
  private let positionRows: PositionRows?
  /// Which parts of the projections' bias at least one block has.
  private let biasParts: Set<NameTable.Part>

  init(_ configuration: VisionTransformer.Configuration, _ family: NamingFamily, _ pieces: CheckpointPieces) {
    self.configuration = configuration
    self.family = family
    self.pieces = pieces
    positionRows = pieces["pos_embed", .whole].flatMap {
      $0.shape.count == 3 ? PositionRows(rows: $0.shape[1], registers: configuration.registers) : nil
    }
    biasParts = Set(
      [NameTable.Part.whole, .query, .key, .value].filter { part in
        (0..<configuration.depth).contains { pieces["blocks.\($0).attn.qkv.bias", part] != nil }
      })
  }

  /// - Throws: `CheckpointError` for one of our tensors that is there twice, and for weights that aren't floating-point.
  mutating func run() throws {
    report.ignored = pieces.ignored
    report.extra = pieces.extra
    report.elsewhere = pieces.elsewhere
    let canonical = VisionTransformer(configuration).weightNames
    for (name, shape) in canonical {
      guard let assembly = try assembly(of: name, shape) else { continue }
      plan.append((name, shape.reduce(1, *), assembly))
      if assembly == .zeros { report.zeros.append(name) } else { report.loaded.append(name) }
    }
    // Known names that such a model has no place for: positions beside rotary ones, a block's scale where others have none.
    report.extra += pieces.tensors(outside: Set(canonical.map(\.name)))
  }

  /// - Returns: nil where something is wrong, which is then in the report.
  private mutating func assembly(of name: String, _ shape: [Int]) throws -> Assembly? {
    if name == "pos_embed" { return try positions(shape) }
    if name == "reg_token", positionRows?.kind == .all, let table = pieces["pos_embed", .whole] {
      return try fitting(name, .whole, shape).map {
        .registers($0.name, table: table.name, width: configuration.width)
      }
    }
    if name.hasSuffix(".attn.qkv.weight") || name.hasSuffix(".attn.qkv.bias") {
      return try parts(name, [.query, .key, .value], shape)
    }
    if name.hasSuffix(".mlp.fc1.weight") || name.hasSuffix(".mlp.fc1.bias") {
      return try parts(name, [.gate, .up], shape)
    }
    return try fitting(name, .whole, shape).map { .copy($0.name) }
  }

  private mutating func positions(_ shape: [Int]) throws -> Assembly? {
    var found = shape
    if positionRows?.kind == .patches { found[1] -= 1 }
    if positionRows?.kind == .all { found[1] += configuration.registers }
    guard let table = try fitting("pos_embed", .whole, found) else { return nil }
    return switch positionRows?.kind {
    case .patches: .withClassRow(table.name)
    case .all: .withoutRegisters(table.name, count: configuration.registers, width: configuration.width)
    default: .copy(table.name)
    }
  }

  /// A tensor that some keep whole and others in parts. A bias that no block has is one of zeros.
  private mutating func parts(_ name: String, _ parts: [NameTable.Part], _ shape: [Int]) throws -> Assembly? {
    let isProjectionBias = name.hasSuffix(".attn.qkv.bias")
    let there = parts.filter { pieces[name, $0] != nil }
    if let whole = pieces[name, .whole] {
      if let part = there.first.flatMap({ pieces[name, $0] }) {
        throw CheckpointError.twice(name: name, one: whole.name, other: part.name)
      }
      let isMasked = isProjectionBias && (pieces.hasBiasMask || family == .dinov3)
      return try fitting(name, .whole, shape).map { isMasked ? .withoutKeys($0.name) : .copy($0.name) }
    }
    if there.isEmpty {
      if isProjectionBias, biasParts.isEmpty { return .zeros }
      report.missing.append(name)
      return nil
    }
    var part = shape
    part[0] /= parts.count
    var names: [String?] = []
    for kind in parts {
      if pieces[name, kind] == nil, isProjectionBias, !biasParts.contains(kind) {
        names.append(nil)
      } else if let tensor = try fitting(name, kind, part) {
        names.append(tensor.name)
      } else {
        return nil
      }
    }
    return .stacked(names)
  }

  /// The tensor if it is there and of that shape; else it goes to the report.
  private mutating func fitting(_ name: String, _ part: NameTable.Part, _ shape: [Int]) throws -> CheckpointTensor? {
    guard let tensor = pieces[name, part] else {
      report.missing.append(part == .whole ? name : "\(name) (\(part))")
      return nil
    }
    if !tensor.isReal { throw CheckpointError.type(name: tensor.name, type: tensor.type) }
    if tensor.shape != shape {
      report.mismatched.append(.init(name: name, wanted: shape, found: tensor.shape))
      return nil
    }
    return tensor
  }
}
