import Foundation
import Storage
import TestSupport
import VisionModels

/// A fixture of `Fixtures/VisionModels/checkpoints.py`: a file that a published code wrote, open for reading.
struct CheckpointFile {
  static let folder = Fixture.folder.appending(path: "VisionModels/checkpoints")

  let tensors: [CheckpointTensor]
  let floats: (String) throws -> [Float]

  init(_ name: String) throws { try self.init(Self.folder.appending(path: name)) }

  init(_ url: URL) throws {
    if url.pathExtension == "safetensors" {
      let file = try SafetensorsFile(reading: url)
      tensors = file.names.map { CheckpointTensor(name: $0, shape: file.shape($0)!, type: file.type($0)!) }
      floats = { try file.floats($0) }
    } else {
      let file = try TorchFile(reading: url)
      tensors = file.names.map { CheckpointTensor(name: $0, shape: file.shape($0)!, type: file.type($0)!) }
      floats = { try file.floats($0) }
    }
  }

  /// - Parameter change: the tensors as they are to be instead.
  func checkpoint(
    _ options: CheckpointOptions = CheckpointOptions(heads: 2),
    _ companion: CheckpointCompanion = CheckpointCompanion(),
    change: ([CheckpointTensor]) -> [CheckpointTensor] = { $0 }
  ) throws -> Checkpoint {
    try Checkpoint(change(tensors), options: options, companion: companion)
  }
}

extension Checkpoint {
  /// A model's weights made of what `read` gives.
  func loaded(_ read: (String) throws -> [Float]) throws -> ParameterBuffer {
    let parameters = ParameterBuffer(VisionTransformer(configuration).layout)
    try load(into: parameters, read)
    return parameters
  }
}
