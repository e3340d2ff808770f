/// A value that a pickle describes. Whatever holds others is an object of the heap, named by its number.
enum PickleValue: Equatable, Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  case real(Double)
  case text(String)
  case object(Int)
}

/// The objects of a pickle side by side, so that neither cycles nor chains of a million links trouble whoever frees them.
struct PickleHeap: Sendable {
  struct Object: Sendable {
    var kind: Kind
    /// Elements; keys and values in turn for a dictionary and a placeholder, where the key `none` means "its state".
    var items: [PickleValue] = []
  }

  enum Kind: Equatable, Sendable {
    case list
    case tuple
    case dictionary
    /// Bytes, sets and numbers of more than 64 bits: nothing a checkpoint's tensors need.
    case opaque
    /// A class or a function, by name only.
    case global(String)
    case storage(TorchStorage)
    case tensor(TorchView)
    /// What a class that isn't known would have made: its name and the values given to it; nothing was called.
    case placeholder(String)
  }

  private(set) var objects: [Object] = []

  mutating func add(_ kind: Kind, _ items: [PickleValue] = []) -> PickleValue {
    objects.append(Object(kind: kind, items: items))
    return .object(objects.count - 1)
  }

  mutating func append(_ item: PickleValue, to number: Int) { objects[number].items.append(item) }

  func kind(_ value: PickleValue) -> Kind? { if case .object(let number) = value { objects[number].kind } else { nil } }

  /// The elements of a tuple or a list; nil for anything else.
  func elements(_ value: PickleValue) -> [PickleValue]? {
    guard case .object(let number) = value else { return nil }
    switch objects[number].kind {
    case .list, .tuple: return objects[number].items
    default: return nil
    }
  }

  /// Names of the classes that were not made, sorted.
  var placeholders: [String] {
    let names = objects.compactMap { if case .placeholder(let name) = $0.kind { name } else { nil } }
    return Set(names).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

extension PickleValue {
  /// - Returns: nil for a value that is no whole number.
  var integer: Int? { if case .integer(let value) = self { value } else { nil } }

  var text: String? { if case .text(let value) = self { value } else { nil } }
}
