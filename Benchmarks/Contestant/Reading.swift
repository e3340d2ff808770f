import Foundation
import Records
import Storage
import Tensors
import VisionModels

/// `bench embed`: images embedded from an `images.h5` on disk, beside the same images in memory. The yardstick is ourselves.
enum ReadingContest {
  private struct Case {
    let model: String
    let side: Int
    let depth: Int?
    let images: Int

    var name: String { "\(model)\(depth.map { "-d\($0)" } ?? "")-\(side)-n\(images)" }
  }

  private static let cases = [
    Case(model: "vit_tiny_8", side: 64, depth: 6, images: 4096),
    Case(model: "vit_small_16", side: 224, depth: nil, images: 320),
  ]
  private static let rounds = 5

  static func run(_ arguments: Arguments) throws {
    let threads = try arguments.integer("threads")
    for one in cases { try run(one, threads: threads) }
  }

  private static func run(_ one: Case, threads: Int) throws {
    let parts = one.model.split(separator: "_")
    guard let patch = Int(parts[2]),
      let configuration = VisionTransformer.Configuration.named(
        parts[..<2].joined(separator: "_"), imageSize: one.side, patchSize: patch, depth: one.depth)
    else { throw Usage("no model \(one.model)") }
    let model = VisionTransformer(configuration)
    let parameters = ParameterBuffer(model.layout)
    model.initialize(parameters, seed: Seed(7))
    let workers = WorkerPool(threads: threads)
    let folder = FileManager.default.temporaryDirectory.appending(path: "medoid-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "images.h5")
    var generator = Seed(7).generator()
    let samples = (0..<one.images * one.side * one.side).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    let stack = PixelStack(
      count: one.images, channels: 1, height: one.side, width: one.side, samples: .bits8(samples))
    try ImagesFile.write(
      stack, ids: (0..<one.images).map { ImageID("\($0)") }, preprocessing: "{}", to: file)
    let precision = Precision.fastest
    func inMemory() -> [Float] {
      extractFeatures(
        of: stack, model: model, parameters: parameters, precision: precision, standardization: .imageNet, pool: .cls,
        on: workers
      ).storage
    }
    func fromDisk() throws -> [Float] {
      try forget(file)
      let stream = FeatureStream(
        of: try ImagesFile(reading: file), model: model, parameters: parameters, precision: precision,
        standardization: .imageNet, pool: .cls, on: workers)
      let result = Gathered()
      try stream.run { _, rows in result.values += Array(rows) }
      return result.values
    }
    let isRight = try fromDisk() == inMemory()
    if !isRight { throw Usage("\(one.name): other vectors from disk than from memory") }
    var times: (disk: [Double], memory: [Double]) = ([], [])
    for _ in 0..<rounds {
      times.disk.append(try ContinuousClock().measure { _ = try fromDisk() } / .seconds(1))
      times.memory.append(ContinuousClock().measure { _ = inMemory() } / .seconds(1))
    }
    let rates = [times.disk, times.memory].map { Double(one.images) / $0.sorted()[$0.count / 2] }
    LineProtocol.say(
      "ratio embed \(one.name)-\(precision.rawValue) \(text(rates[0])) \(text(rates[1])) memory \(text(rates[0] / rates[1]))"
    )
  }

  /// Takes a file out of the page cache, so that it is read from the disk again.
  private static func forget(_ file: URL) throws {
    let descriptor = open(file.path, O_RDONLY)
    if descriptor < 0 { throw Usage("\(file.path) can't be opened") }
    defer { close(descriptor) }
    fsync(descriptor)
    #if os(Linux)
      _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
    #endif
  }

  private static func text(_ value: Double) -> String { String(format: "%.3f", value) }

  /// Filled by one thread at a time.
  private final class Gathered: @unchecked Sendable {
    var values: [Float] = []
  }
}
