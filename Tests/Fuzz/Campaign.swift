import Foundation
import Synchronization
import Tensors

/// Many damaged files through one reader, each in a child that is replaced when it dies.
///
/// Input `n` depends on the seed files, the seed and `n` alone: whatever kills a child can be made again.
struct Campaign {
  private let options: FuzzOptions
  private let files: [URL]
  private let seeds: [[UInt8]]

  /// Inputs that a thread claims at a time.
  private static let portion = 64

  /// - Throws: `FuzzUsage` where there is no seed file.
  init(_ options: FuzzOptions) throws {
    self.options = options
    files = try options.reader.seeds(in: options.seedFolders, largest: options.largest)
    seeds = try files.map { Array(try Data(contentsOf: $0)) }
    if seeds.isEmpty { throw FuzzUsage("no seed file of \(options.reader.rawValue)") }
  }

  func run() throws -> FuzzReport {
    let shared = Mutex(FuzzReport(reader: options.reader, seeds: seeds.count))
    let memory = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let folder = URL(filePath: memory).appending(path: "medoid-fuzz-\(getpid())")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    signal(SIGPIPE, SIG_IGN)
    let clock = ContinuousClock()
    let start = clock.now
    let portions = (options.count + Campaign.portion - 1) / Campaign.portion
    let seats = (0..<options.jobs).map { _ in Seat() }
    try WorkerPool(threads: options.jobs).runThrowing(jobs: portions) { portion, worker in
      var own = FuzzReport(reader: options.reader, seeds: 0)
      for number in portion * Campaign.portion..<min((portion + 1) * Campaign.portion, options.count) {
        try attempt(options.first + number, in: folder, &seats[worker].child, &own)
      }
      own.peakMemory = seats[worker].child?.peakMemory ?? 0
      shared.withLock { $0.add(own) }
    }
    var report = shared.withLock { $0 }
    report.seconds = (clock.now - start) / .seconds(1)
    report.kept.sort()
    return report
  }

  private func attempt(_ number: Int, in folder: URL, _ child: inout FuzzChild?, _ report: inout FuzzReport) throws {
    let random = Seed(options.seed).split(options.reader.rawValue).split(number).generator()
    var mutation = Mutation(seeds, random)
    let (bytes, seed) = mutation.next()
    let name = options.reader.name(number, like: files[seed])
    let file = folder.appending(path: name)
    try Data(bytes).write(to: file)
    defer { unlink(file.path) }
    let running = try child ?? FuzzChild(options.reader)
    child = running
    let fate: String
    switch running.read(file.path, within: options.seconds) {
    case .word(let word):
      report.count(word)
      return
    case .hung:
      report.hung += 1
      fate = "hung"
    case .died(let signal):
      report.died += 1
      fate = "died-\(signal)"
    }
    child = nil
    report.kept.append("\(fate) \(name) of \(files[seed].lastPathComponent)")
    if let out = options.out {
      try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
      try Data(bytes).write(to: out.appending(path: "\(options.reader.rawValue)-\(fate)-\(name)"))
    }
  }
}

/// The child of one thread.
private final class Seat: @unchecked Sendable {
  var child: FuzzChild?
}

/// What became of the inputs.
struct FuzzReport {
  let reader: FuzzReader
  let seeds: Int
  private(set) var outcomes: [String: Int] = [:]
  var died = 0
  var hung = 0
  var seconds = 0.0
  /// Bytes that a child had resident at most.
  var peakMemory = 0
  /// The inputs that killed a child, each with what it did.
  var kept: [String] = []

  init(reader: FuzzReader, seeds: Int) {
    self.reader = reader
    self.seeds = seeds
  }

  mutating func count(_ word: String) { outcomes[word, default: 0] += 1 }

  mutating func add(_ other: FuzzReport) {
    outcomes.merge(other.outcomes) { $0 + $1 }
    died += other.died
    hung += other.hung
    peakMemory = max(peakMemory, other.peakMemory)
    kept += other.kept
  }

  /// A line of numbers, then a line for each input that killed a child.
  var text: String {
    let total = outcomes.values.reduce(0, +) + died + hung
    let codes = outcomes.filter { $0.key != "decoded" }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    let rate = seconds > 0 ? Int(Double(total) / seconds) : 0
    return
      ([
        "fuzz \(reader.rawValue): \(total) inputs of \(seeds) seeds: \(outcomes["decoded"] ?? 0) decoded, "
          + "\(total - (outcomes["decoded"] ?? 0) - died - hung) refused (\(codes)), \(died) died, \(hung) hung; "
          + "\(rate)/s, at most \(peakMemory >> 20) MB"
      ] + kept).joined(separator: "\n")
  }
}
