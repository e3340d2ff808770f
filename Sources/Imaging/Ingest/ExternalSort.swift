package import Foundation

/// Sorts any number of records by a key of bytes in bounded memory: what fits is sorted there, more is spilled in sorted runs and merged.
///
/// Keys are compared byte by byte, the shorter first; records of equal keys keep the order in which they were added.
///
///     let sort = ExternalSort(in: folder)
///     for file in files { try sort.add(key: Array(file.digest.utf8), value: …) }
///     var sorted = try sort.finish().reader()
///     while let record = try sorted.next() { … }
///
/// - Complexity: O(n log n) comparisons; disk as much as the records, once; memory `memory` bytes, and 64 KiB a run while merging.
package final class ExternalSort {
  package struct Record {
    package var key: [UInt8]
    package var value: [UInt8]
  }

  private let folder: URL
  private let memory: Int
  private var arena = Arena()
  private var file: RecordFile?
  private var runs: [Range<Int>] = []

  package init(in folder: URL, memory: Int = 32 << 20) {
    self.folder = folder
    self.memory = memory
  }

  package func add(key: some Collection<UInt8>, value: some Collection<UInt8> = []) throws {
    arena.add(key, value)
    if arena.bytes >= memory { try spill() }
  }

  private func spill() throws {
    let file = try self.file ?? RecordFile(in: folder)
    self.file = file
    let begin = file.end
    for index in arena.order() { try arena.withRecord(index) { try file.append($0) } }
    try file.flush()
    runs.append(begin..<file.end)
    arena = Arena()
  }

  /// Ends the adding.
  package func finish() throws -> Sorted {
    if file != nil && arena.bytes > 0 { try spill() }
    return Sorted(arena: arena, order: file == nil ? arena.order() : [], file: file, runs: runs)
  }

  /// The records in order, to be read any number of times.
  package final class Sorted: @unchecked Sendable {
    private let arena: Arena
    private let order: [Int]
    private let file: RecordFile?
    private let runs: [Range<Int>]

    fileprivate init(arena: Arena, order: [Int], file: RecordFile?, runs: [Range<Int>]) {
      (self.arena, self.order, self.file, self.runs) = (arena, order, file, runs)
    }

    package func reader() -> Reader { Reader(self) }

    package struct Reader {
      private let sorted: Sorted
      private var place = 0
      private var merge: Merge?

      fileprivate init(_ sorted: Sorted) {
        self.sorted = sorted
        if let file = sorted.file { merge = Merge(sorted.runs.map { file.reader($0) }) }
      }

      package mutating func next() throws -> Record? {
        if merge != nil { return try merge!.next() }
        guard place < sorted.order.count else { return nil }
        defer { place += 1 }
        return sorted.arena.withRecord(sorted.order[place]) { Record(packed: $0) }
      }
    }
  }
}

extension ExternalSort.Record {
  /// On disk: the key's length in 4 bytes, the key, the value.
  fileprivate init(packed bytes: UnsafeRawBufferPointer) {
    let length = Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
    key = Array(bytes[4..<4 + length])
    value = Array(bytes[(4 + length)...])
  }
}

/// Records one after the other in one piece of memory.
private struct Arena {
  private var storage: [UInt8] = []
  private var ends: [Int] = []

  var bytes: Int { storage.count + ends.count * 16 }

  mutating func add(_ key: some Collection<UInt8>, _ value: some Collection<UInt8>) {
    withUnsafeBytes(of: UInt32(key.count).littleEndian) { storage.append(contentsOf: $0) }
    storage.append(contentsOf: key)
    storage.append(contentsOf: value)
    ends.append(storage.count)
  }

  func withRecord<R>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try storage.withUnsafeBytes {
      try body(UnsafeRawBufferPointer(rebasing: $0[(index == 0 ? 0 : ends[index - 1])..<ends[index]]))
    }
  }

  /// The numbers of the records in order of their keys.
  func order() -> [Int] {
    storage.withUnsafeBytes { bytes in
      func key(_ index: Int) -> UnsafeRawBufferPointer {
        let begin = index == 0 ? 0 : ends[index - 1]
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: begin, as: UInt32.self)))
        return UnsafeRawBufferPointer(rebasing: bytes[begin + 4..<begin + 4 + length])
      }
      return ends.indices.sorted {
        let (a, b) = (key($0), key($1))
        let order = compareBytes(a, b)
        return order == 0 ? $0 < $1 : order < 0
      }
    }
  }
}

/// Below 0, 0 or above, as `a` comes before `b`, is equal, or comes after it.
private func compareBytes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
  let shared = min(a.count, b.count)
  if shared > 0 {
    let order = memcmp(a.baseAddress!, b.baseAddress!, shared)
    if order != 0 { return Int(order) }
  }
  return a.count - b.count
}

/// The runs as one sequence: a heap of their first records.
private struct Merge {
  private var readers: [RecordFile.Reader]
  /// Run and its first record, the smallest on top.
  private var heap: [(run: Int, record: ExternalSort.Record)] = []
  private var isStarted = false

  init(_ readers: [RecordFile.Reader]) { self.readers = readers }

  mutating func next() throws -> ExternalSort.Record? {
    if !isStarted {
      isStarted = true
      for run in readers.indices {
        if let record = try read(run) {
          heap.append((run, record))
          rise(heap.count - 1)
        }
      }
    }
    guard let top = heap.first else { return nil }
    if let record = try read(top.run) {
      heap[0].record = record
    } else {
      heap[0] = heap[heap.count - 1]
      heap.removeLast()
    }
    sink()
    return top.record
  }

  private mutating func read(_ run: Int) throws -> ExternalSort.Record? {
    try readers[run].next().map { bytes in bytes.withUnsafeBytes { ExternalSort.Record(packed: $0) } }
  }

  private func isBefore(_ a: Int, _ b: Int) -> Bool {
    let order = heap[a].record.key.withUnsafeBytes { x in heap[b].record.key.withUnsafeBytes { compareBytes(x, $0) } }
    return order == 0 ? heap[a].run < heap[b].run : order < 0
  }

  private mutating func rise(_ start: Int) {
    var place = start
    while place > 0, isBefore(place, (place - 1) / 2) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func sink() {
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count && isBefore(child, least) { least = child }
      if least == place { return }
      heap.swapAt(place, least)
      place = least
    }
  }
}
