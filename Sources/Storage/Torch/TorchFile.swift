public import Foundation

/// Weights saved by PyTorch (`.pth`, `.pt`, `.bin`), read without carrying anything out: a file of `torch.save`, of today's format or
/// the one before 1.6.
///
///     let file = try TorchFile(reading: url)
///     let token = try file.floats("teacher.backbone.cls_token")
///
/// The pickle inside is a program; here its names stay names (see `PickleMachine`), so a file can neither do anything nor fail for a
/// class that isn't installed. Tensors are named by the keys on the way to them, joined by dots, and read from the mapped file when
/// asked for. Format: pytorch/torch/serialization.py.
public struct TorchFile: Sendable {
  /// The file's path as given.
  public let path: String
  private let content: TorchContent
  private let bytes: Data

  /// Opens a file and reads what it describes, all but the numbers.
  /// - Throws: the system's error if it can't be read, `TorchError` if it is malformed.
  public init(reading url: URL) throws {
    try self.init(bytes: Data(contentsOf: url, options: .mappedIfSafe), path: url.path)
  }

  /// The same from bytes; `path` is for errors only.
  public init(bytes: Data, path: String) throws {
    self.bytes = bytes
    self.path = path
    content = try bytes.withUnsafeBytes { raw in
      if ZipDirectory.begins(raw) { return try TorchContent(zip: raw, path: path) }
      return try TorchContent(legacy: raw, path: path)
    }
  }

  /// True if the bytes begin as one of the two formats does.
  public static func recognizes(_ bytes: Data) -> Bool {
    bytes.withUnsafeBytes { ZipDirectory.begins($0) || TorchContent.isLegacy($0) }
  }

  /// Names of all tensors, in byte order.
  public var names: [String] { content.tensors.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// Classes and functions that the file names and that were not made or called, sorted.
  public var placeholders: [String] { content.placeholders }

  /// The shape of a tensor; nil if there is none of that name.
  public func shape(_ name: String) -> [Int]? { content.tensors[name]?.shape }

  /// The stored type, as safetensors spells it (`F32`, `BF16`, …).
  public func type(_ name: String) -> String? { content.tensors[name]?.element.name }

  /// A tensor as floats, row-major whatever its strides: F32, F16 and BF16 exactly, F64 and whole numbers rounded to the nearest.
  /// - Throws: `TorchError` if it is missing, of another type, shows one number many times, or holds NaN or infinities where they
  ///   are refused.
  public func floats(_ name: String, nonFinite: SafetensorsFile.NonFinitePolicy = .refuse) throws -> [Float] {
    guard let view = content.tensors[name] else { throw failure(.missing(tensor: name)) }
    guard view.count <= max(view.storage.count, 1) else { throw failure(.expanded(tensor: name, shape: view.shape)) }
    let values: [Float]? =
      switch view.element {
      case .float32: numbers(view, UInt32.self) { Float(bitPattern: $0) }
      case .float16: numbers(view, UInt16.self) { halfToFloat($0) }
      case .bfloat16: numbers(view, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
      case .float64: numbers(view, UInt64.self) { Float(Double(bitPattern: $0)) }
      case .integer(8): numbers(view, UInt64.self) { Float(Int64(bitPattern: $0)) }
      case .integer(4): numbers(view, UInt32.self) { Float(Int32(bitPattern: $0)) }
      case .integer(2): numbers(view, UInt16.self) { Float(Int16(bitPattern: $0)) }
      case .integer: numbers(view, UInt8.self) { Float(Int8(bitPattern: $0)) }
      default: nil
      }
    guard let values else { throw failure(.unreadableType(tensor: name, type: view.element.name)) }
    if nonFinite == .refuse, let index = values.firstIndex(where: { !$0.isFinite }) {
      throw failure(.notFinite(tensor: name, index: index))
    }
    return values
  }

  private func failure(_ problem: TorchError.Problem) -> TorchError { TorchError(path: path, problem: problem) }

  private func numbers<Word: FixedWidthInteger & BitwiseCopyable>(
    _ view: TorchView, _: Word.Type, _ value: (Word) -> Float
  ) -> [Float] {
    guard view.count > 0, let place = content.storages[view.storage.key] else { return [] }
    return bytes.withUnsafeBytes { raw in
      [Float](unsafeUninitializedCapacity: view.count) { buffer, count in
        view.forEachPlace {
          let offset = place.lowerBound + $0 * MemoryLayout<Word>.size
          buffer[count] = value(Word(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: Word.self)))
          count += 1
        }
      }
    }
  }
}
