import Crypto
import Foundation
import SelfSupervision
import Tensors
import VisionModels

/// What the bytes of a training run hang on, and nothing else: a checkpoint belongs to a run whose identity is the same, and a model's card
/// says which it was.
struct TrainingIdentity: Codable, Hashable {
  let stage: String
  let revision: Int
  let seed: UInt64
  /// Precision, unit and kernel family: families round differently.
  let arithmetic: String
  let data: TrainingData
  let model: VisionTransformer.Configuration
  let standardization: Standardization
  /// Digest of the model that it started from; nil for one drawn from the seed.
  let weights: String?
  /// Nil for a network that is left untrained.
  let training: DINO.Configuration?

  init(
    stage: String, revision: Int, seed: UInt64, arithmetic: String, data: TrainingData,
    model: VisionTransformer.Configuration,
    standardization: Standardization, weights: String? = nil, training: DINO.Configuration?
  ) {
    self.stage = stage
    self.revision = revision
    self.seed = seed
    self.arithmetic = arithmetic
    self.data = data
    self.model = model
    self.standardization = standardization
    self.weights = weights
    var training = training
    // Whether activations are kept hangs on the threads and the memory of the day, and changes no byte.
    training?.recomputesActivations = false
    self.training = training
  }
}

/// The images a model learnt from, by their pixels alone: no name, no path.
struct TrainingData: Codable, Hashable {
  let images: Int
  let channels: Int
  let height: Int
  let width: Int
  /// 8 or 16.
  let bits: Int
  /// SHA-256 of the samples, image by image, as they lie in `images.h5`, 16 bits little endian; 64 hex digits.
  let sha256: String

  /// - Complexity: reads every sample.
  init(_ stack: PixelStack) {
    (images, channels, height, width) = (stack.count, stack.channels, stack.height, stack.width)
    var hash = SHA256()
    switch stack.samples {
    case .bits8(let samples):
      bits = 8
      samples.withUnsafeBytes { hash.update(bufferPointer: $0) }
    case .bits16(let samples):
      bits = 16
      precondition(1.littleEndian == 1, "samples are digested as they lie")
      samples.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }
    sha256 = hash.finalize().hexadecimal
  }
}

extension SHA256.Digest {
  /// 64 digits.
  var hexadecimal: String { map { String(format: "%02x", $0) }.joined() }
}
