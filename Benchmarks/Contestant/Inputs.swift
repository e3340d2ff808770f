import Foundation
import Storage
import Tensors
import VisionModels

/// What the driver wrote for all contestants: weights under timm's names, and raw f32 pixels.
enum Inputs {
  /// A model by a name such as `vit_small_16`: the usual name, then the patch.
  static func model(_ name: String, side: Int) throws -> VisionTransformer {
    let parts = name.split(separator: "_")
    guard parts.count == 3, let patch = Int(parts[2]),
      let configuration = VisionTransformer.Configuration.named(
        parts[..<2].joined(separator: "_"), imageSize: side, patchSize: patch)
    else { throw Usage("--model \(name): wanted a name such as vit_small_16") }
    return VisionTransformer(configuration)
  }

  /// Fills every tensor of the layout from a safetensors file that has them all.
  static func fill(_ parameters: ParameterBuffer, from path: String) throws {
    let file = try SafetensorsFile(reading: URL(filePath: path))
    for entry in parameters.layout.entries {
      let values = try file.floats(entry.path)
      guard values.count == entry.range.count else {
        throw Usage("\(entry.path): \(values.count) numbers, wanted \(entry.shape)")
      }
      parameters.set(entry.path, values)
    }
  }

  /// A file of bytes. - Throws: `Usage` if there aren't `count`.
  static func bytes(_ path: String, count: Int) throws -> [UInt8] {
    let data = try Data(contentsOf: URL(filePath: path))
    guard data.count == count else { throw Usage("\(path) has \(data.count) bytes, wanted \(count)") }
    return Array(data)
  }

  /// A file of f32 numbers in this machine's order. - Throws: `Usage` if there aren't `count`.
  static func floats(_ path: String, count: Int) throws -> [Float] {
    let bytes = try bytes(path, count: 4 * count)
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      UnsafeMutableRawBufferPointer(buffer).copyBytes(from: bytes)
      initialized = count
    }
  }
}
