/// What the names that make up a checkpoint stand for: storages, tensors, dictionaries. All others give placeholders.
extension PickleHeap {
  /// The most numbers a storage may claim: 2⁴⁸, so that its bytes can be counted.
  private static let mostNumbers = 1 << 48

  /// The storage behind a persistent id, `('storage', class, key, place, count[, view])`; a placeholder for any other id.
  mutating func storage(named identifier: PickleValue, _ cursor: ByteCursor) throws -> PickleValue {
    guard let parts = elements(identifier), parts.count >= 5, parts[0].text == "storage",
      case .global(let name)? = kind(parts[1]), name.hasPrefix("torch."),
      let element = TorchElement(storageClass: String(name.split(separator: ".").last ?? "")),
      let key = parts[2].text ?? parts[2].integer.map(String.init), let count = parts[4].integer
    else { return add(.placeholder("persistent id")) }
    // The older format cuts one storage out of another: (its key, where it begins, its count).
    let view = parts.count > 5 ? elements(parts[5]) : nil
    let first = view.map { $0.count > 1 ? $0[1].integer ?? -1 : -1 } ?? 0
    guard 0...PickleHeap.mostNumbers ~= count, 0...count ~= first else {
      throw cursor.failure("storage \(key) of \(count) numbers, from \(first) on")
    }
    return add(.storage(TorchStorage(key: key, element: element, count: count, first: first)))
  }

  /// What a call would have given, where that is known without calling.
  mutating func result(of callee: PickleValue, _ arguments: PickleValue, _ cursor: ByteCursor) throws -> PickleValue {
    guard case .global(let name)? = kind(callee) else { return add(.placeholder("object")) }
    let values = elements(arguments) ?? []
    switch name {
    case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor_v3":
      return try tensor(values, cursor) ?? add(.placeholder(name))
    case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state",
      "torch.nn.parameter.Parameter":
      return values.first ?? add(.placeholder(name))
    case "torch._tensor._rebuild_from_type_v2", "torch._tensor._rebuild_from_type":
      // (function, class, its arguments, state): the function by name, once; never again this one.
      guard values.count >= 3, case .global(let inner)? = kind(values[0]), inner.hasPrefix("torch._utils._rebuild_")
      else { return add(.placeholder(name)) }
      return try result(of: values[0], values[2], cursor)
    case "collections.OrderedDict", "collections.defaultdict", "__builtin__.dict", "builtins.dict":
      return dictionary(values)
    case "__builtin__.list", "builtins.list", "torch.Size":
      return add(name == "torch.Size" ? .tuple : .list, values.first.flatMap { elements($0) } ?? [])
    default: return add(.placeholder(name), values.flatMap { [.none, $0] })
    }
  }

  /// `OrderedDict()` or `OrderedDict([(key, value), …])`.
  private mutating func dictionary(_ values: [PickleValue]) -> PickleValue {
    var items: [PickleValue] = []
    for pair in values.last.flatMap({ elements($0) }) ?? [] {
      if let both = elements(pair), both.count == 2 { items += both }
    }
    return add(.dictionary, items)
  }

  /// `(storage, offset, shape, strides, …)`, and with the third version's `(…, requires_grad, hooks, dtype)` a type of its own.
  /// - Returns: nil where these aren't the arguments of a tensor.
  private mutating func tensor(_ values: [PickleValue], _ cursor: ByteCursor) throws -> PickleValue? {
    guard values.count >= 4, case .storage(let storage)? = kind(values[0]), let offset = values[1].integer,
      let shape = extents(values[2]), let strides = extents(values[3])
    else { return nil }
    var element = storage.element
    if values.count > 6, case .global(let dtype)? = kind(values[6]) {
      element = TorchElement(dtype: String(dtype.split(separator: ".").last ?? ""))
    }
    let (place, tooFar) = storage.first.addingReportingOverflow(offset)
    guard !tooFar,
      let view = TorchView(storage: storage, element: element, offset: place, shape: shape, strides: strides)
    else {
      throw TorchError(
        path: cursor.path, problem: .badView(storage: storage.key, numbers: storage.count, shape: shape))
    }
    return add(.tensor(view))
  }

  private func extents(_ value: PickleValue) -> [Int]? {
    guard let items = elements(value), items.count <= TorchView.mostAxes else { return nil }
    let sizes = items.compactMap(\.integer)
    return sizes.count == items.count ? sizes : nil
  }
}
