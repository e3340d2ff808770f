public import Foundation

extension SafetensorsFile {
  /// A named tensor to be written: row-major numbers of one of three types, or bytes.
  public struct Tensor: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
      case floats([Float])
      case doubles([Double])
      case integers([Int64])
      case bytes([UInt8])
    }

    public let name: String
    public let shape: [Int]
    public let values: Values

    /// - Precondition: as many values as the shape's product.
    public init(_ name: String, shape: [Int], values: Values) {
      self.name = name
      self.shape = shape
      self.values = values
      precondition(shape.reduce(1, *) == count, "\(count) numbers for \(name) of shape \(shape)")
    }

    public init(_ name: String, shape: [Int], floats: [Float]) {
      self.init(name, shape: shape, values: .floats(floats))
    }

    fileprivate var count: Int {
      switch values {
      case .floats(let values): values.count
      case .doubles(let values): values.count
      case .integers(let values): values.count
      case .bytes(let values): values.count
      }
    }

    /// Place in the file: wide types first, as the format's own library sorts them, so that all stay aligned.
    private var rank: Int {
      switch values {
      case .integers: 0
      case .doubles: 1
      case .floats: 2
      case .bytes: 3
      }
    }

    var extent: Extent { Extent(name: name, shape: shape, rank: rank, count: count) }

    func append(to data: inout Data) {
      func append<Value: BitwiseCopyable, Word: FixedWidthInteger>(_ values: [Value], _ bits: (Value) -> Word) {
        values.withUnsafeBytes { raw in
          if Word(1).littleEndian == 1 { return data.append(contentsOf: raw) }
          for value in values { withUnsafeBytes(of: bits(value).littleEndian) { data.append(contentsOf: $0) } }
        }
      }
      switch values {
      case .floats(let values): append(values) { $0.bitPattern }
      case .doubles(let values): append(values) { $0.bitPattern }
      case .integers(let values): append(values) { $0 }
      case .bytes(let values): data.append(contentsOf: values)
      }
    }
  }

  /// What the header says of a tensor.
  struct Extent {
    let name: String
    let shape: [Int]
    /// Place of its type in the file.
    let rank: Int
    let count: Int

    static let floats = 2
    private static let types = [("I64", 8), ("F64", 8), ("F32", 4), ("U8", 1)]

    var type: String { Extent.types[rank].0 }
    var bytes: Int { count * Extent.types[rank].1 }

    static func < (a: Extent, b: Extent) -> Bool {
      a.rank != b.rank ? a.rank < b.rank : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
  }

  /// Writes tensors and metadata aside, then renames. - Complexity: the whole file is made in memory first.
  /// - Precondition: no two tensors of one name, none called `__metadata__`.
  public static func write(_ tensors: [Tensor], metadata: [String: String] = [:], to url: URL) throws {
    try AtomicFile.write(encoded(tensors, metadata: metadata), to: url)
  }

  /// The bytes of a file.
  public static func encoded(_ tensors: [Tensor], metadata: [String: String] = [:]) -> Data {
    let ordered = tensors.sorted { $0.extent < $1.extent }
    var data = head(ordered.map(\.extent), metadata)
    for tensor in ordered { tensor.append(to: &data) }
    return data
  }

  /// The bytes before the tensors' own, which follow in this order.
  static func head(_ extents: [Extent], _ metadata: [String: String]) -> Data {
    let names = Set(extents.map(\.name))
    precondition(
      names.count == extents.count && !names.contains("__metadata__"), "tensors of one name, or a reserved one")
    var header = SafetensorsHeader(metadata: metadata)
    var offset = 0
    for extent in extents {
      let end = offset + extent.bytes
      header.entries.append((extent.name, .init(type: extent.type, shape: extent.shape, begin: offset, end: end)))
      offset = end
    }
    let head = header.encoded()
    var data = Data(capacity: 8 + head.count + offset)
    withUnsafeBytes(of: UInt64(head.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: head)
    return data
  }
}
