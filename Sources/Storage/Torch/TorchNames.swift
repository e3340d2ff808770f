/// Tensors under names: the keys on the way to each, joined by dots, as in `teacher.backbone.cls_token`.
extension PickleHeap {
  private static let deepest = 64
  private static let longestName = 1024
  private static let mostVisits = 2_000_000
  /// How a whole module that was saved keeps its parts; the names of its own state leave these out.
  private static let moduleParts: Set<String> = ["_modules", "_parameters", "_buffers"]

  /// All tensors below a value; of two under one name the later, as in Python's dictionaries.
  /// - Throws: `TorchError` for more than any checkpoint has: values within values without end, names of a thousand characters.
  func namedTensors(below root: PickleValue, path: String) throws -> [String: TorchView] {
    var found: [String: TorchView] = [:]
    var visits = 0
    func refuse(_ what: String, _ limit: Int) -> TorchError {
      TorchError(path: path, problem: .tooMuch(of: what, limit: limit))
    }
    func visit(_ value: PickleValue, _ name: String, _ depth: Int) throws {
      guard case .object(let number) = value else { return }
      visits += 1
      if visits > PickleHeap.mostVisits { throw refuse("values within one another", PickleHeap.mostVisits) }
      if depth > PickleHeap.deepest { throw refuse("levels of values", PickleHeap.deepest) }
      let object = objects[number]
      switch object.kind {
      case .tensor(let view): found[name.isEmpty ? "tensor" : name] = view
      case .list, .tuple:
        for (index, item) in object.items.enumerated() { try visit(item, joined(name, "\(index)"), depth + 1) }
      case .dictionary, .placeholder:
        for index in stride(from: 0, to: object.items.count - 1, by: 2) {
          let key = object.items[index]
          guard let part = key == .none ? "" : key.text ?? key.integer.map(String.init) else { continue }
          let inner = PickleHeap.moduleParts.contains(part) ? name : joined(name, part)
          if inner.utf8.count > PickleHeap.longestName { throw refuse("characters in a name", PickleHeap.longestName) }
          try visit(object.items[index + 1], inner, depth + 1)
        }
      default: break
      }
    }
    func joined(_ name: String, _ part: String) -> String {
      name.isEmpty ? part : part.isEmpty ? name : name + "." + part
    }
    try visit(root, "", 0)
    return found
  }
}
