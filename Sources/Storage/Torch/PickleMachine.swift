/// Reads a pickle without carrying anything out: a stack, marks and a memo, all bounded by the bytes that were read.
///
/// A pickle is a program whose instructions may call any function of Python; here a function is a name. What the few names that
/// make up a checkpoint mean is in `TorchObjects`; every other one gives an inert placeholder, whatever it would have done.
/// Complexity: O(bytes); memory some tens of bytes for each instruction, of which there may be `mostInstructions`.
struct PickleMachine {
  /// A hundred times what the checkpoint of a large model with its optimiser has.
  static let mostInstructions = 8_000_000

  private(set) var heap = PickleHeap()
  private var stack: [PickleValue] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var spent = 0

  /// Reads one pickle up to its end and gives its value. A second one may follow: objects of the first stay in the heap.
  /// - Throws: `TorchError` for anything Python's own reader would refuse, and for more than the bounds above.
  mutating func run(_ cursor: inout ByteCursor) throws -> PickleValue {
    stack = []
    marks = []
    memo = [:]
    while true {
      let code = try cursor.byte()
      guard let opcode = PickleOpcode(rawValue: code) else { throw cursor.failure("no instruction \(code)") }
      try spend(1, cursor)
      if opcode == .stop {
        let value = try pop(cursor)
        stack = []
        memo = [:]
        return value
      }
      try step(opcode, &cursor)
    }
  }

  private mutating func step(_ opcode: PickleOpcode, _ cursor: inout ByteCursor) throws {
    switch opcode {
    case .protocolVersion:
      let version = try cursor.byte()
      if version > 5 { throw cursor.failure("protocol \(version)") }
    case .frame: _ = try cursor.integer(UInt64.self)
    case .mark: marks.append(stack.count)
    case .pop:
      // As in Python: a mark on top is taken away like a value.
      if marks.last == stack.count { marks.removeLast() } else { _ = try pop(cursor) }
    case .popMark: _ = try popToMark(cursor)
    case .duplicate: stack.append(try top(cursor))
    case .none, .newTrue, .newFalse, .int, .binInt, .binInt1, .binInt2, .long, .long1, .long4, .float, .binFloat:
      stack.append(try number(opcode, &cursor))
    case .string, .binString, .shortBinString, .unicode, .binUnicode, .shortBinUnicode, .binUnicode8, .binBytes,
      .shortBinBytes, .binBytes8, .byteArray8:
      stack.append(try words(opcode, &cursor))
    case .get, .binGet, .longBinGet, .put, .binPut, .longBinPut, .memoize: try remember(opcode, &cursor)
    case .emptyList: push(.list)
    case .emptyDictionary: push(.dictionary)
    case .emptyTuple: push(.tuple)
    case .emptySet: push(.opaque)
    case .list: push(.list, try popToMark(cursor))
    case .tuple: push(.tuple, try popToMark(cursor))
    case .dictionary: push(.dictionary, try pairs(try popToMark(cursor), cursor))
    case .frozenSet:
      _ = try popToMark(cursor)
      push(.opaque)
    case .tuple1, .tuple2, .tuple3:
      push(.tuple, try pop(opcode == .tuple1 ? 1 : opcode == .tuple2 ? 2 : 3, cursor))
    case .append: try add(try pop(1, cursor), cursor)
    case .appends, .addItems: try add(try popToMark(cursor), cursor)
    case .setItem: try set(try pop(2, cursor), cursor)
    case .setItems: try set(try popToMark(cursor), cursor)
    case .global, .stackGlobal, .instance, .object, .newObject, .newObjectKeywords, .reduce, .build, .persistent,
      .persistentText, .extension1, .extension2, .extension4:
      try make(opcode, &cursor)
    case .stop: break
    }
  }

  // MARK: values

  private mutating func number(_ opcode: PickleOpcode, _ cursor: inout ByteCursor) throws -> PickleValue {
    switch opcode {
    case .newTrue: return .bool(true)
    case .newFalse: return .bool(false)
    case .binInt: return .integer(Int(try cursor.integer(Int32.self)))
    case .binInt1: return .integer(Int(try cursor.byte()))
    case .binInt2: return .integer(Int(try cursor.integer(UInt16.self)))
    case .long1: return long(try cursor.take(try cursor.byte()))
    case .long4: return long(try cursor.take(try cursor.integer(Int32.self)))
    case .binFloat: return .real(Double(bitPattern: try cursor.integer(UInt64.self).byteSwapped))
    case .int, .long:
      let line = try cursor.line()
      if opcode == .int, line == "00" || line == "01" { return .bool(line == "01") }
      if let value = Int(line.hasSuffix("L") ? String(line.dropLast()) : line) { return .integer(value) }
      return heap.add(.opaque)
    case .float:
      guard let value = Double(try cursor.line()) else { throw cursor.failure("no number") }
      return .real(value)
    default: return .none
    }
  }

  /// Two's complement of any length, least byte first.
  private mutating func long(_ bytes: Slice<UnsafeRawBufferPointer>) -> PickleValue {
    if bytes.count > 8 { return heap.add(.opaque) }
    var bits: UInt64 = bytes.last.map { $0 >= 0x80 } == true ? .max : 0
    for byte in bytes.reversed() { bits = bits << 8 | UInt64(byte) }
    return .integer(Int(Int64(bitPattern: bits)))
  }

  private mutating func words(_ opcode: PickleOpcode, _ cursor: inout ByteCursor) throws -> PickleValue {
    switch opcode {
    case .string:
      let line = try cursor.line()
      guard line.count >= 2, let quote = line.first, quote == line.last, quote == "'" || quote == "\"" else {
        throw cursor.failure("text without quotes")
      }
      return .text(String(line.dropFirst().dropLast()))
    case .unicode: return .text(try cursor.line())
    case .binString: return .text(cursor.text(try cursor.take(try cursor.integer(Int32.self))))
    case .shortBinString, .shortBinUnicode: return .text(cursor.text(try cursor.take(try cursor.byte())))
    case .binUnicode: return .text(cursor.text(try cursor.take(try cursor.integer(UInt32.self))))
    case .binUnicode8: return .text(cursor.text(try cursor.take(try cursor.integer(UInt64.self))))
    case .shortBinBytes: _ = try cursor.take(try cursor.byte())
    case .binBytes: _ = try cursor.take(try cursor.integer(UInt32.self))
    default: _ = try cursor.take(try cursor.integer(UInt64.self))
    }
    return heap.add(.opaque)
  }

  private mutating func remember(_ opcode: PickleOpcode, _ cursor: inout ByteCursor) throws {
    let key: Int
    switch opcode {
    case .get, .put:
      guard let number = Int(try cursor.line()), number >= 0 else { throw cursor.failure("no number of the memo") }
      key = number
    case .binGet, .binPut: key = Int(try cursor.byte())
    case .longBinGet, .longBinPut: key = Int(try cursor.integer(UInt32.self))
    default: key = memo.count
    }
    switch opcode {
    case .get, .binGet, .longBinGet:
      guard let value = memo[key] else { throw cursor.failure("nothing is remembered as \(key)") }
      stack.append(value)
    default: memo[key] = try top(cursor)
    }
  }

  // MARK: containers

  private mutating func push(_ kind: PickleHeap.Kind, _ items: [PickleValue] = []) {
    stack.append(heap.add(kind, items))
  }

  private func pairs(_ items: [PickleValue], _ cursor: ByteCursor) throws -> [PickleValue] {
    if items.count % 2 != 0 { throw cursor.failure("a key without a value") }
    return items
  }

  private mutating func add(_ items: [PickleValue], _ cursor: ByteCursor) throws {
    guard case .object(let number) = try top(cursor) else { throw cursor.failure("no list to add to") }
    switch heap.objects[number].kind {
    case .list: for item in items { heap.append(item, to: number) }
    case .placeholder:
      for item in items {
        heap.append(.integer(heap.objects[number].items.count / 2), to: number)
        heap.append(item, to: number)
      }
    case .opaque: break
    default: throw cursor.failure("no list to add to")
    }
  }

  private mutating func set(_ items: [PickleValue], _ cursor: ByteCursor) throws {
    guard case .object(let number) = try top(cursor) else { throw cursor.failure("no dictionary to add to") }
    switch heap.objects[number].kind {
    case .dictionary, .placeholder: for item in try pairs(items, cursor) { heap.append(item, to: number) }
    case .opaque: break
    default: throw cursor.failure("no dictionary to add to")
    }
  }

  // MARK: what would be calls

  private mutating func make(_ opcode: PickleOpcode, _ cursor: inout ByteCursor) throws {
    switch opcode {
    case .global: push(.global(try cursor.line() + "." + cursor.line()))
    case .stackGlobal:
      let names = try pop(2, cursor)
      guard let module = names[0].text, let name = names[1].text else { throw cursor.failure("a class without a name") }
      push(.global(module + "." + name))
    case .instance:
      let name = try cursor.line() + "." + cursor.line()
      try call(heap.add(.global(name)), heap.add(.tuple, try popToMark(cursor)), cursor)
    case .object:
      let items = try popToMark(cursor)
      guard let callee = items.first else { throw cursor.failure("an object without a class") }
      try call(callee, heap.add(.tuple, Array(items.dropFirst())), cursor)
    case .newObjectKeywords:
      let items = try pop(3, cursor)
      try call(items[0], items[1], cursor)
    case .reduce, .newObject:
      let items = try pop(2, cursor)
      try call(items[0], items[1], cursor)
    case .build:
      let state = try pop(cursor)
      // A dictionary's attributes and a tensor's hooks are nobody's weights.
      if case .object(let number) = try top(cursor), case .placeholder = heap.objects[number].kind {
        heap.append(.none, to: number)
        heap.append(state, to: number)
      }
    case .persistent: stack.append(try heap.storage(named: try pop(cursor), cursor))
    case .persistentText: push(.placeholder("persistent id"), [.none, .text(try cursor.line())])
    case .extension1: push(.global("extension \(try cursor.byte())"))
    case .extension2: push(.global("extension \(try cursor.integer(UInt16.self))"))
    default: push(.global("extension \(try cursor.integer(Int32.self))"))
    }
  }

  private mutating func call(_ callee: PickleValue, _ arguments: PickleValue, _ cursor: ByteCursor) throws {
    // What a call may copy counts as well, or a long list named again and again would fill the memory.
    let values = heap.elements(arguments) ?? []
    try spend(values.count + values.prefix(8).reduce(0) { $0 + (heap.elements($1)?.count ?? 0) }, cursor)
    stack.append(try heap.result(of: callee, arguments, cursor))
  }

  // MARK: the stack

  private func floor() -> Int { marks.last ?? 0 }

  private func top(_ cursor: ByteCursor) throws -> PickleValue {
    guard stack.count > floor(), let value = stack.last else { throw cursor.failure("the stack is empty") }
    return value
  }

  private mutating func pop(_ cursor: ByteCursor) throws -> PickleValue {
    let value = try top(cursor)
    stack.removeLast()
    return value
  }

  private mutating func pop(_ count: Int, _ cursor: ByteCursor) throws -> [PickleValue] {
    guard stack.count - floor() >= count else { throw cursor.failure("the stack is empty") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark(_ cursor: ByteCursor) throws -> [PickleValue] {
    guard let mark = marks.popLast() else { throw cursor.failure("no mark on the stack") }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private mutating func spend(_ count: Int, _ cursor: ByteCursor) throws {
    spent += count
    if spent > PickleMachine.mostInstructions {
      throw TorchError(
        path: cursor.path, problem: .tooMuch(of: "instructions in the pickle", limit: PickleMachine.mostInstructions))
    }
  }
}
