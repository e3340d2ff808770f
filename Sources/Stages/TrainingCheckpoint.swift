import Foundation
import SelfSupervision
import Storage

/// `checkpoint.safetensors`: the state of a training run, kept now and then in a folder that outlives an interruption, and taken up again by
/// the next attempt at the same run.
///
/// A sealed safetensors file (`SealedSafetensors.swift`): floats under their names, whole numbers as `counters.<name>`, the monitors as JSON
/// in the bytes of `history`; metadata `format` = `medoid-checkpoint`, `format_version`, and `run`, the identity as canonical JSON. It is
/// written aside, forced to disk and renamed: a crash at any moment leaves the one before or the whole new one.
struct TrainingCheckpoint {
  static let name = "checkpoint.safetensors"
  static let format = "medoid-checkpoint"
  static let formatVersion = "1"

  private let url: URL
  private let run: String
  private let pause: Duration
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant

  /// Why a checkpoint that is there is not gone on from.
  enum Fault: Error, CustomStringConvertible {
    case damaged
    case unknownFormat
    case foreign

    var description: String {
      switch self {
      case .damaged: "it is damaged"
      case .unknownFormat: "it is of another format"
      case .foreign: "it is of another run"
      }
    }
  }

  /// - Parameters:
  ///   - folder: no other process writes there.
  ///   - minutes: between two checkpoints; with 0 every step is kept.
  init(in folder: URL, of identity: TrainingIdentity, every minutes: Double) throws {
    url = folder.appending(path: TrainingCheckpoint.name)
    run = try canonicalJSON(identity)
    pause = .seconds(60 * minutes)
    last = clock.now
    removeLeftovers(folder)
  }

  /// What a crash left half written: each as large as a checkpoint.
  private func removeLeftovers(_ folder: URL) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    where name.hasPrefix(".\(TrainingCheckpoint.name).") {
      try? FileManager.default.removeItem(at: folder.appending(path: name))
    }
  }

  /// Brings a trainer to where the checkpoint was written; does nothing where there is none.
  /// - Throws: `Fault` for a file that is no good; the trainer is then at its beginning.
  func resume(_ trainer: DINOTrainer) throws {
    if !FileManager.default.fileExists(atPath: url.path) { return }
    let kept = try Kept(url, run)
    do { try trainer.resume(from: kept) } catch is KeptStateMismatch { throw Fault.foreign }
  }

  /// Keeps a state if it is time to, or the last one in any case. - Throws: where it can't be written; the one before is then still there.
  mutating func keep(_ state: TrainingState, isLast: Bool) throws {
    if !isLast && clock.now - last < pause { return }
    try write(state)
    last = clock.now
  }

  private func write(_ state: TrainingState) throws {
    let counters = state.counters.sorted { $0.key < $1.key }.map { name, values in
      SafetensorsFile.Tensor(
        "counters." + name, shape: [values.count], values: .integers(values.map { Int64($0) }))
    }
    let history = Array(try TrainingCheckpoint.encoder.encode(state.history))
    try SafetensorsFile.writeSealed(
      counters + [.init("history", shape: [history.count], values: .bytes(history))],
      inPlace: state.numbers.map { .init($0.name, UnsafeBufferPointer($0.values)) },
      metadata: [
        "format": TrainingCheckpoint.format, "format_version": TrainingCheckpoint.formatVersion, "run": run,
      ], to: url)
  }

  /// The content of a file that is whole and of this run.
  private struct Kept: KeptState {
    let history: [Monitor]
    let counters: [String: [Int]]
    private let file: SafetensorsFile

    init(_ url: URL, _ run: String) throws {
      do { file = try SafetensorsFile(sealed: url) } catch { throw Fault.damaged }
      guard file.metadata["format"] == TrainingCheckpoint.format,
        file.metadata["format_version"] == TrainingCheckpoint.formatVersion
      else { throw Fault.unknownFormat }
      guard file.metadata["run"] == run else { throw Fault.foreign }
      do {
        history = try TrainingCheckpoint.decoder.decode([Monitor].self, from: file.bytes("history"))
        var counters: [String: [Int]] = [:]
        for name in file.names where name.hasPrefix("counters.") {
          counters[String(name.dropFirst(9))] = try file.integers(name).map { Int($0) }
        }
        self.counters = counters
      } catch {
        throw Fault.unknownFormat
      }
    }

    func count(_ name: String) -> Int? {
      file.type(name) == "F32" && file.shape(name)?.count == 1 ? file.shape(name)![0] : nil
    }

    func numbers(_ name: String) throws -> [Float] { try file.floats(name, nonFinite: .allow) }
  }

  // JSON knows no infinity, and a monitor may meet one.
  private static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }

  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
