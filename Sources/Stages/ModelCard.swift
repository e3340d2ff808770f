import Crypto
import Foundation
import Pipeline
import SelfSupervision
import VisionModels

/// `model.json`: what someone who is handed a trained model must know of it. Facts about pixels and settings only: no patient, no name of a
/// file, no path, no clock; equal runs of one version of the program give equal bytes.
struct ModelCard: Codable, Hashable {
  static let fileName = "model.json"
  static let format = "medoid-model-card"
  static let formatVersion = 1
  private(set) var format = ModelCard.format
  private(set) var formatVersion = ModelCard.formatVersion
  /// Version of the program that trained it.
  let medoid: String
  /// SHA-256 of the file of weights that this describes, 64 hex digits.
  let weights: String
  /// What the bytes hang on: stage and revision, seed, arithmetic, images, architecture, and the settings with nothing left open.
  let identity: TrainingIdentity
  let preprocessing: Preprocessing
  /// Images of the archive that training was not to see: how many, never which.
  let heldOut: Int
  /// As the recipe gives them, defaults filled in; all but what changes no byte, and what names images.
  let parameters: [String: ParameterValue]
  let steps: Int
  /// `f32` or `bf16`: how operands of products were kept.
  let precision: String
  /// The last step's; null for an untrained network.
  @NullIfAbsent var monitors: Monitor?
  /// What the monitors warned of; absent from cards of before they did.
  let alarms: [RaisedAlarm]?
  /// Null until somebody has measured it.
  @NullIfAbsent var measuredGain: MeasuredGain?

  /// What pixels go through before they enter the network, in this order.
  struct Preprocessing: Codable, Hashable {
    /// How files became pixels: resizing, bits, stain.
    let pixels: ParameterValue
    /// On a side.
    let size: Int
    /// Of the network; grey images are repeated.
    let channels: Int
    /// Per channel, of samples in 0…1.
    let mean: [Float]
    let std: [Float]
  }

  init(
    medoid: String, weights: URL, identity: TrainingIdentity, pixels: String, heldOut: Int,
    parameters: [String: ParameterValue], precision: String,
    history: [Monitor], alarms: [RaisedAlarm]
  ) throws {
    self.medoid = medoid
    self.weights = try ModelCard.digest(of: weights)
    self.identity = identity
    self.heldOut = heldOut
    self.parameters = parameters
    self.precision = precision
    preprocessing = Preprocessing(
      pixels: (try? JSONDecoder().decode(ParameterValue.self, from: Data(pixels.utf8))) ?? .text(pixels),
      size: identity.data.height, channels: identity.model.channels, mean: identity.standardization.mean,
      std: identity.standardization.deviation)
    steps = history.count
    monitors = history.last
    self.alarms = alarms
  }

  /// The card of the same name beside a file of weights; nil where there is none, or one of other weights.
  init?(beside weights: URL) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let data = try? Data(contentsOf: weights.deletingPathExtension().appendingPathExtension("json")),
      let card = try? decoder.decode(ModelCard.self, from: data), card.format == ModelCard.format,
      card.formatVersion == ModelCard.formatVersion, card.weights == (try? ModelCard.digest(of: weights))
    else { return nil }
    self = card
  }

  private static func digest(of file: URL) throws -> String {
    SHA256.hash(data: try Data(contentsOf: file, options: .mappedIfSafe)).hexadecimal
  }

  /// For people, one fact a line under a short title.
  var lines: [(title: String, text: String)] {
    let data = identity.data
    let seen =
      "\(data.images) images of \(data.height) × \(data.width), digest \(data.sha256.prefix(16))"
      + (heldOut > 0 ? ", \(heldOut) held out" : "")
    let origin = identity.weights.map { "weights of digest \($0.prefix(16))" }
    guard identity.training != nil, let monitors else {
      return [("trained", "\(origin.map { "no further than the " + $0 } ?? "not at all"); \(seen)")]
    }
    var lines = [
      ("trained", "\(identity.stage), \(steps) steps on \(seen)"),
      ("by", "medoid \(medoid), seed \(identity.seed), \(identity.arithmetic)"),
      ("from", origin ?? "scratch"),
      (
        "at the end",
        "loss \(fixed(monitors.loss, digits: 3)), teacher entropy \(fixed(monitors.teacherEntropy, digits: 3))"
      ),
    ]
    if let measuredGain {
      lines.append(
        (
          "gain",
          measuredGain.verdict
        ))
    }
    return lines + (alarms ?? []).map { ("alarm", $0.description) }
  }

  /// Indented JSON, keys in snake case and sorted.
  func encoded() throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(self) + Data("\n".utf8)
  }
}

/// The key of `StageEnvironment.values` under which the caller says its own version, for cards; no fingerprint depends on it.
public let programVersionKey = "medoid"

/// A value that stands as `null` in JSON where it is absent, so that a reader sees that it could be there.
@propertyWrapper struct NullIfAbsent<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
  var wrappedValue: Value?

  init(wrappedValue: Value? = nil) { self.wrappedValue = wrappedValue }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
  }
}
