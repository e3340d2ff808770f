/// The backbone's tensors of a checkpoint under our names, each as a whole or in parts; and the rest, sorted by what it is.
struct CheckpointPieces {
  private struct Place: Hashable {
    let name: String
    let part: NameTable.Part
  }

  private var pieces: [Place: CheckpointTensor] = [:]
  private(set) var names: Set<String> = []
  /// The file's names with numbers written as #, for telling the family.
  private(set) var templates: Set<String> = []
  private(set) var ignored: [String] = []
  private(set) var extra: [String] = []
  private(set) var elsewhere = 0
  /// Blocks, by their highest number; nil where there are none.
  private(set) var depth: Int?
  /// DINOv3's own list of periods of its rotary positions.
  private(set) var periods: CheckpointTensor?
  /// A mask on the projections' bias: that of the keys counts as zeros.
  private(set) var hasBiasMask = false

  /// - Throws: `CheckpointError.twice`, and `.contradiction` for a block's number beyond all tensors.
  init(_ tensors: [CheckpointTensor], prefix: [String]) throws {
    let sorted = tensors.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    for tensor in sorted {
      let name = TensorName(tensor.name)
      guard name.hasPrefix(prefix) else {
        elsewhere += 1
        continue
      }
      let (template, block) = name.behind(prefix)
      templates.insert(template)
      if NameTable.isIgnored(template) {
        ignored.append(tensor.name)
        if template == "rope_embed.periods" { periods = tensor }
        if template == "blocks.#.attn.qkv.bias_mask" { hasBiasMask = true }
      } else if let entry = NameTable.entry(template) {
        try add(tensor, entry, block, of: tensors.count)
      } else {
        extra.append(tensor.name)
      }
    }
    resolveUp()
  }

  /// Their tensor that is this part of ours.
  subscript(name: String, part: NameTable.Part) -> CheckpointTensor? { pieces[Place(name: name, part: part)] }

  /// Names in the file of tensors that are none of these, in byte order.
  func tensors(outside names: Set<String>) -> [String] {
    pieces.filter { !names.contains($0.key.name) }.map(\.value.name).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
  }

  private mutating func add(_ tensor: CheckpointTensor, _ entry: NameTable.Entry, _ block: Int?, of count: Int) throws {
    var ours = entry.name
    if let number = block, ours.contains("#") {
      guard number < count else {
        throw CheckpointError.contradiction("\(tensor.name): a block \(number) among \(count) tensors")
      }
      ours.replace("#", with: "\(number)")
      depth = max(depth ?? 0, number + 1)
    }
    if let other = pieces.updateValue(tensor, forKey: Place(name: ours, part: entry.part)) {
      throw CheckpointError.twice(name: ours, one: other.name, other: tensor.name)
    }
    names.insert(ours)
  }

  /// transformers' `up_proj` is a half where there is a gate, and the whole where there is none in the file.
  private mutating func resolveUp() {
    let isGated = pieces.keys.contains { $0.part == .gate }
    for place in pieces.keys.filter({ $0.part == .upOrWhole }) {
      pieces[Place(name: place.name, part: isGated ? .up : .whole)] = pieces.removeValue(forKey: place)
    }
  }
}
