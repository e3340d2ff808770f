public import Foundation

extension SafetensorsFile {
  /// A named tensor to be written: row-major numbers of one of three types.
  public struct Tensor: Sendable, Equatable {
    public enum Values: Sendable, Equatable {
      case floats([Float])
      case doubles([Double])
      case integers([Int64])
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
      }
    }

    /// Place in the file: wide types first, as the format's own library sorts them, so that all stay aligned.
    fileprivate var rank: Int {
      switch values {
      case .integers: 0
      case .doubles: 1
      case .floats: 2
      }
    }

    fileprivate var type: (name: String, width: Int) { [("I64", 8), ("F64", 8), ("F32", 4)][rank] }

    fileprivate func append(to data: inout Data) {
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
      }
    }
  }

  /// Writes tensors and metadata aside, then renames. - Complexity: the whole file is made in memory first.
  /// - Precondition: no two tensors of one name, none called `__metadata__`.
  public static func write(_ tensors: [Tensor], metadata: [String: String] = [:], to url: URL) throws {
    try AtomicFile.write(encoded(tensors, metadata: metadata), to: url)
  }

  /// The bytes of a file.
  public static func encoded(_ tensors: [Tensor], metadata: [String: String] = [:]) -> Data {
    let names = Set(tensors.map(\.name))
    precondition(
      names.count == tensors.count && !names.contains("__metadata__"), "tensors of one name, or a reserved one")
    let ordered = tensors.sorted {
      $0.rank != $1.rank ? $0.rank < $1.rank : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
    }
    var header = SafetensorsHeader(metadata: metadata)
    var offset = 0
    for tensor in ordered {
      let end = offset + tensor.count * tensor.type.width
      header.entries.append((tensor.name, .init(type: tensor.type.name, shape: tensor.shape, begin: offset, end: end)))
      offset = end
    }
    let head = header.encoded()
    var data = Data(capacity: 8 + head.count + offset)
    withUnsafeBytes(of: UInt64(head.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: head)
    for tensor in ordered { tensor.append(to: &data) }
    return data
  }
}
