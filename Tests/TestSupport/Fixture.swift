public import Foundation

/// What a reference library computed, written once by the script beside it (`Tests/Fixtures/<Room>/<name>.py`) as safetensors.
///
///     let fixture = try Fixture("Clustering/hdbscan")
///     let points = fixture.floats("blobs.points")            // [Float], shape in fixture.shape("blobs.points")
public struct Fixture {
  private struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let data_offsets: [Int]
  }

  private let entries: [String: Entry]
  private let bytes: Data

  /// The folder of all fixtures.
  public static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures")

  /// Reads `Tests/Fixtures/<name>.safetensors`.
  public init(_ name: String) throws {
    let data = try Data(contentsOf: Fixture.folder.appending(path: name + ".safetensors"))
    let length = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    var header = try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: Any] ?? [:]
    header["__metadata__"] = nil
    entries = try JSONDecoder().decode(
      [String: Entry].self, from: JSONSerialization.data(withJSONObject: header))
    bytes = Data(data[(8 + length)...])
  }

  /// Names of all tensors, sorted.
  public var names: [String] { entries.keys.sorted() }

  public func shape(_ name: String) -> [Int] { entry(name).shape }

  public func floats(_ name: String) -> [Float] { read(name, "F32", as: Float.self) }

  public func doubles(_ name: String) -> [Double] { read(name, "F64", as: Double.self) }

  public func integers(_ name: String) -> [Int] { read(name, "I64", as: Int64.self).map { Int($0) } }

  public func bytes(_ name: String) -> [UInt8] { read(name, "U8", as: UInt8.self) }

  private func entry(_ name: String) -> Entry {
    guard let entry = entries[name] else { preconditionFailure("the fixture has no \(name), only \(names)") }
    return entry
  }

  private func read<Scalar>(_ name: String, _ dtype: String, as: Scalar.Type) -> [Scalar] {
    let entry = entry(name)
    precondition(entry.dtype == dtype, "\(name) holds \(entry.dtype), not \(dtype)")
    let slice = bytes[entry.data_offsets[0]..<entry.data_offsets[1]]
    return [Scalar](unsafeUninitializedCapacity: slice.count / MemoryLayout<Scalar>.stride) { buffer, count in
      count = slice.copyBytes(to: buffer) / MemoryLayout<Scalar>.stride
    }
  }
}
