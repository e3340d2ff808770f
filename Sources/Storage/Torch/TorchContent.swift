/// What both formats of `torch.save` come to: tensors by name, and where in the file each storage lies.
struct TorchContent: Sendable {
  var tensors: [String: TorchView] = [:]
  /// The bytes of a storage, counted from the file's start.
  var storages: [String: Range<Int>] = [:]
  var placeholders: [String] = []
}

extension TorchContent {
  /// The most bytes of a pickle beside its tensors that are looked at.
  private static let longestPickle = 256 << 20

  /// A zip file (PyTorch 1.6 and later): `<name>/data.pkl`, and each storage as `<name>/data/<key>`.
  init(zip bytes: UnsafeRawBufferPointer, path: String) throws {
    let directory = try ZipDirectory(bytes, path: path)
    let pickles = directory.entries.keys.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }.sorted {
      ($0.utf8.count, $0) < ($1.utf8.count, $1)
    }
    guard let name = pickles.first, let place = directory.entries[name] else {
      throw TorchError(path: path, problem: .missingEntry("data.pkl"))
    }
    let root = name.dropLast("data.pkl".utf8.count)
    if let order = directory.entries[root + "byteorder"], bytes[order].starts(with: "big".utf8) {
      throw TorchError(path: path, problem: .bigEndian)
    }
    guard place.count <= TorchContent.longestPickle else {
      throw TorchError(path: path, problem: .tooMuch(of: "bytes of pickle", limit: TorchContent.longestPickle))
    }
    var machine = PickleMachine()
    var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes[place]), path: path)
    try read(try machine.run(&cursor), machine.heap, path)
    for view in tensors.values {
      storages[view.storage.key] = directory.entries[root + "data/" + view.storage.key]
    }
    try check(path)
  }

  /// The older format: pickles of a magic number, a version, facts of the machine, the object and the storages' keys; then each
  /// storage, its count before its numbers.
  init(legacy bytes: UnsafeRawBufferPointer, path: String) throws {
    var machine = PickleMachine()
    var cursor = ByteCursor(bytes, path: path)
    // 0x1950a86a20f9469cfc6c; a number of more than 64 bits is opaque to the machine, so its bytes are compared.
    guard TorchContent.isLegacy(bytes) else { throw TorchError(path: path, problem: .notTorch) }
    _ = try machine.run(&cursor)
    guard try machine.run(&cursor) == .integer(1001) else { throw cursor.failure("a version that isn't known") }
    let facts = try machine.run(&cursor)
    if machine.heap.isBigEndian(facts) { throw TorchError(path: path, problem: .bigEndian) }
    try read(try machine.run(&cursor), machine.heap, path)
    let keys = try machine.run(&cursor)
    var widths: [String: Int] = [:]
    for object in machine.heap.objects {
      if case .storage(let storage) = object.kind { widths[storage.key] = storage.element.width }
    }
    for key in machine.heap.elements(keys) ?? [] {
      guard let name = key.text ?? key.integer.map(String.init), let width = widths[name] else {
        throw cursor.failure("a storage that nothing names")
      }
      let count = try cursor.integer(Int64.self)
      let (size, overflow) = Int(count).multipliedReportingOverflow(by: width)
      guard !overflow, width > 0 else { throw cursor.failure("storage \(name) of \(count) numbers") }
      let start = cursor.offset
      _ = try cursor.take(size)
      storages[name] = start..<start + size
    }
    try check(path)
  }

  /// True if the bytes begin with the older format's magic number: protocol 2, a number of ten bytes, the end.
  static func isLegacy(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.starts(with: [
      0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
    ])
  }

  private mutating func read(_ value: PickleValue, _ heap: PickleHeap, _ path: String) throws {
    tensors = try heap.namedTensors(below: value, path: path)
    placeholders = heap.placeholders
  }

  /// Every tensor's storage is there and as long as the pickle says.
  private func check(_ path: String) throws {
    for (_, view) in tensors.sorted(by: { $0.key < $1.key }) where view.storage.count > 0 {
      guard let place = storages[view.storage.key] else {
        throw TorchError(path: path, problem: .missingEntry("storage \(view.storage.key)"))
      }
      if place.count < view.storage.bytes {
        throw TorchError(
          path: path,
          problem: .badStorage(key: view.storage.key, bytes: view.storage.bytes, found: place.count))
      }
    }
  }
}

extension PickleHeap {
  /// The older format's facts of the machine: `{'little_endian': True, …}`.
  fileprivate func isBigEndian(_ facts: PickleValue) -> Bool {
    guard case .object(let number) = facts else { return false }
    let items = objects[number].items
    return items.indices.dropLast().contains { items[$0] == .text("little_endian") && items[$0 + 1] == .bool(false) }
  }
}
