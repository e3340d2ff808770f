/// Where in a checkpoint the backbone is: what stands before its class token, `teacher.backbone.` or `visual.trunk.` or nothing.
///
/// Every dictionary level and every wrapper of the published files is such a prefix. Where there are several backbones, the teacher or
/// the moving average is meant before others, and the student last; then the shortest.
enum BackbonePrefix {
  /// - Returns: the prefix by its components; nil where there is no class token.
  static func find(in names: [TensorName]) -> [String]? {
    Set(names.compactMap(\.prefixOfClassToken)).min { one, other in
      (rank(one), one.count, one.joined(separator: ".")) < (rank(other), other.count, other.joined(separator: "."))
    }
  }

  private static func rank(_ prefix: [String]) -> Int {
    if prefix.contains("student") { return 2 }
    return prefix.contains { $0.contains("teacher") || $0 == "ema" || $0.hasSuffix("_ema") || $0.hasPrefix("ema_") }
      ? 0 : 1
  }
}
