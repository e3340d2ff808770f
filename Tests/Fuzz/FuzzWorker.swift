import Foundation
import Imaging
import Tensors

/// The child: reads one file after another with the decoders of the program, within 2 GiB of address space.
enum FuzzWorker {
  static let argument = "__work"
  private static let memory: UInt64 = 2 << 30
  /// Pictures of a file that are looked at.
  private static let items = 0..<2

  static func serve(_ reader: FuzzReader) -> Never {
    // What is mapped before the first file (libraries, allocators' reserves) is not the file's.
    let before = statistics()[0] * UInt64(getpagesize())
    limit(RLIMIT_AS, before + memory)
    limit(RLIMIT_CORE, 0)
    print("ready")
    fflush(nil)
    while let path = readLine() {
      print(reader == .zip || reader == .tar ? archiveOutcome(path) : outcome(path))
      fflush(nil)
    }
    exit(0)
  }

  private static func outcome(_ path: String) -> String {
    var options = ReadingOptions(Preprocessing(size: 32))
    options.slices = 4
    do throws(DecodeFailure) {
      var failure: DecodeFailure?
      let decoder = DirectDecoder()
      _ = try decoder.read(ReadRequest(path, options, items: items)) {
        if case .failure(let reason) = $0.outcome { failure = failure ?? reason }
      }
      return failure?.code.rawValue ?? "decoded"
    } catch {
      return error.code.rawValue
    }
  }

  /// Archives are read by `Ingest`, which goes through their entries.
  private static func archiveOutcome(_ path: String) -> String {
    do {
      let file = URL(filePath: path)
      let ingest = Ingest(
        IngestSettings(size: 32), decoder: DirectDecoder(), hasher: IdentifierHasher(key: Data("fuzz".utf8)))
      let taken = try ingest(
        InputListing([file]) { _, _ in }, spill: file.deletingLastPathComponent(), on: WorkerPool(threads: 1))
      let codes = taken.rejectionCounts.keys.map(\.rawValue).sorted()
      return taken.count > 0 ? "decoded" : codes.first ?? "nothing"
    } catch {
      return "not-listed"
    }
  }

  /// Numbers of /proc/self/statm, in pages: size, resident, …
  private static func statistics() -> [UInt64] {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let numbers = text.split(separator: " ").compactMap { UInt64($0) }
    return numbers.isEmpty ? [0] : numbers
  }

  #if canImport(Darwin)
    private static func limit(_ resource: Int32, _ value: UInt64) {
      var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
      setrlimit(resource, &limit)
    }
  #else
    private static func limit(_ resource: __rlimit_resource, _ value: UInt64) {
      var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
      setrlimit(__rlimit_resource_t(UInt32(resource.rawValue)), &limit)
    }
  #endif
}
