/// A tensor's name taken apart: what wrappers added is left out, numbers are set aside.
///
///     TensorName("module.blocks.0.11.norm1.weight")     // components module blocks # norm1 weight, of block 11
struct TensorName {
  /// Wrapped around modules by PyTorch's own tools, anywhere in a name.
  private static let wrappers: Set<Substring> = ["_fsdp_wrapped_module", "_orig_mod", "_checkpoint_wrapped_module"]

  private let parts: [Substring]

  init(_ name: String) {
    parts = name.split(separator: ".", omittingEmptySubsequences: false).filter { !TensorName.wrappers.contains($0) }
  }

  /// What stands before a backbone's class token; nil for the name of another tensor.
  var prefixOfClassToken: [String]? {
    guard parts.last == "cls_token" else { return nil }
    return parts.dropLast(parts.dropLast().last == "embeddings" ? 2 : 1).map(String.init)
  }

  func hasPrefix(_ prefix: [String]) -> Bool {
    parts.count > prefix.count && zip(parts, prefix).allSatisfy { $0 == $1 }
  }

  /// The name behind a prefix, numbers written as #, and the last of them in front of the tensor's own: its block.
  ///
  /// `blocks.<chunk>.<block>` of DINOv2's training is `blocks.<block>`, which counts through all chunks.
  /// - Precondition: it has the prefix.
  func behind(_ prefix: [String]) -> (template: String, block: Int?) {
    var template: [String] = []
    var block: Int?
    for part in parts.dropFirst(prefix.count) {
      if part.utf8.count <= 9, !part.isEmpty, part.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) {
        block = Int(part)
        if template != ["blocks", "#"] { template.append("#") }
      } else {
        template.append(String(part))
      }
    }
    return (template.joined(separator: "."), block)
  }
}
