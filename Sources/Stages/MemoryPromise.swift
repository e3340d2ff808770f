import Pipeline

/// `--max-memory` as stages keep it: what is known to be needed is said before work starts.
struct MemoryPromise {
  private let limit: Int?

  init(_ context: StageContext) { limit = context.memoryLimit }

  func allows(_ bytes: Int) -> Bool { limit.map { bytes <= $0 } ?? true }

  /// - Throws: `NotEnoughMemory` when `bytes` is more than the user allowed.
  func need(_ bytes: Int, for what: String) throws {
    if let limit, !allows(bytes) { throw NotEnoughMemory(needed: bytes, limit: limit, what: what) }
  }
}

/// A step that can't keep to `--max-memory`.
struct NotEnoughMemory: Error, CustomStringConvertible {
  let needed: Int
  let limit: Int
  let what: String

  var description: String {
    "\(what) need \(megabytes(needed)), --max-memory allows \(megabytes(limit))"
  }

  private func megabytes(_ bytes: Int) -> String { "\((bytes + (1 << 20) - 1) >> 20) MB" }
}
