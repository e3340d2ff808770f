/// The type of the numbers of a storage.
enum TorchElement: Equatable, Sendable {
  case float64, float32, float16, bfloat16
  case integer(bytes: Int)
  case boolean
  /// A type that isn't read: its name and its width in bytes, 0 where that isn't known.
  case other(String, bytes: Int)

  var width: Int {
    switch self {
    case .float64: 8
    case .float32: 4
    case .float16, .bfloat16: 2
    case .integer(let bytes): bytes
    case .boolean: 1
    case .other(_, let bytes): bytes
    }
  }

  /// As safetensors spells it.
  var name: String {
    switch self {
    case .float64: "F64"
    case .float32: "F32"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .integer(let bytes): "I\(8 * bytes)"
    case .boolean: "BOOL"
    case .other(let name, _): name
    }
  }

  /// By the name of a storage's class, such as `FloatStorage`; nil where it is no storage.
  init?(storageClass name: String) {
    guard name.hasSuffix("Storage") else { return nil }
    switch name {
    case "DoubleStorage": self = .float64
    case "FloatStorage": self = .float32
    case "HalfStorage": self = .float16
    case "BFloat16Storage": self = .bfloat16
    case "LongStorage": self = .integer(bytes: 8)
    case "IntStorage": self = .integer(bytes: 4)
    case "ShortStorage": self = .integer(bytes: 2)
    case "CharStorage": self = .integer(bytes: 1)
    case "ByteStorage": self = .other("U8", bytes: 1)
    case "BoolStorage": self = .boolean
    case "UntypedStorage": self = .other("untyped", bytes: 1)
    case "ComplexFloatStorage": self = .other("C64", bytes: 8)
    case "ComplexDoubleStorage": self = .other("C128", bytes: 16)
    case "QInt8Storage", "QUInt8Storage": self = .other(name, bytes: 1)
    case "QInt32Storage": self = .other(name, bytes: 4)
    default: self = .other(name, bytes: 0)
    }
  }

  /// By the name of a dtype, such as `float32`.
  init(dtype name: String) {
    switch name {
    case "float64", "double": self = .float64
    case "float32", "float": self = .float32
    case "float16", "half": self = .float16
    case "bfloat16": self = .bfloat16
    case "int64", "long": self = .integer(bytes: 8)
    case "int32", "int": self = .integer(bytes: 4)
    case "int16", "short": self = .integer(bytes: 2)
    case "int8": self = .integer(bytes: 1)
    case "bool": self = .boolean
    case "uint8": self = .other("U8", bytes: 1)
    case "uint16": self = .other("U16", bytes: 2)
    case "uint32": self = .other("U32", bytes: 4)
    case "uint64": self = .other("U64", bytes: 8)
    default: self = .other(name, bytes: name.hasPrefix("float8") ? 1 : 0)
    }
  }
}

/// A run of numbers in a file, by its key there.
struct TorchStorage: Equatable, Sendable {
  let key: String
  let element: TorchElement
  /// Numbers in all.
  let count: Int
  /// The part that is meant, where the older format cuts one storage out of another.
  let first: Int

  /// Of the whole storage.
  var bytes: Int { count * element.width }
}

/// A tensor: which numbers of a storage, in which order.
struct TorchView: Equatable, Sendable {
  let storage: TorchStorage
  let element: TorchElement
  /// Counted in numbers from the storage's start.
  let offset: Int
  let shape: [Int]
  let strides: [Int]
  /// The product of the shape.
  let count: Int

  /// The most axes a tensor may have.
  static let mostAxes = 64

  /// - Returns: nil for a shape of which no file could hold the numbers, and where one of them would lie outside the storage.
  init?(storage: TorchStorage, element: TorchElement, offset: Int, shape: [Int], strides: [Int]) {
    guard shape.count == strides.count, shape.count <= TorchView.mostAxes, offset >= 0 else { return nil }
    var count = 1
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (product, tooMany) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, stride >= 0, !tooMany else { return nil }
      count = product
      if size == 0 { continue }
      let (reach, tooFar) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, beyond) = last.addingReportingOverflow(reach)
      guard !tooFar, !beyond else { return nil }
      last = sum
    }
    let width = element.width
    let room = width == 0 ? 0 : storage.bytes / width
    guard count == 0 || width == 0 || last < room else { return nil }
    self.storage = storage
    self.element = element
    self.offset = offset
    self.shape = shape
    self.strides = strides
    self.count = count
  }

  /// True if its numbers lie one after another, row-major.
  private var isContiguous: Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      if stride != expected { return false }
      expected *= size
    }
    return true
  }

  /// Visits the places of its numbers, counted from the storage's start, row-major.
  func forEachPlace(_ body: (Int) -> Void) {
    if count == 0 { return }
    if isContiguous { return (offset..<offset + count).forEach(body) }
    var index = [Int](repeating: 0, count: shape.count)
    var place = offset
    for _ in 0..<count {
      body(place)
      for axis in shape.indices.reversed() {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= index[axis] * strides[axis]
        index[axis] = 0
      }
    }
  }
}
