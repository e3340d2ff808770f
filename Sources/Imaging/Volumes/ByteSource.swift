import Foundation
import Records

/// Bytes that come one after the other: of a file, of what is inside a gzip file, of a member of a zip file.
protocol ByteStream: AnyObject {
  /// Up to `target.count` bytes, fewer only at the end.
  func read(into target: UnsafeMutableRawBufferPointer) throws(DecodeFailure) -> Int
}

/// Owns a file descriptor. Plain files are the one stream that can jump.
final class FileStream: ByteStream {
  private let descriptor: Int32
  private var position: off_t = 0
  let size: Int

  init(_ path: String) throws(DecodeFailure) {
    size = Int(try FileState(path).size)
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw FileState.failure(errno) }
  }

  deinit { close(descriptor) }

  func read(into target: UnsafeMutableRawBufferPointer) throws(DecodeFailure) -> Int {
    var count = 0
    while count < target.count {
      let got = pread(descriptor, target.baseAddress! + count, target.count - count, position)
      if got < 0 && errno == EINTR { continue }
      if got < 0 { throw FileState.failure(errno) }
      if got == 0 { break }
      count += got
      position += off_t(got)
    }
    return count
  }

  func jump(to offset: Int) { position = off_t(offset) }
}

/// What is inside a gzip file.
final class GzipStream: ByteStream {
  private let file: FileStream
  private let inflater: InflateStream
  private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private var unread: Range<Int> = 0..<0

  init(_ path: String) throws(DecodeFailure) {
    file = try FileStream(path)
    inflater = try InflateStream(.gzip)
  }

  deinit { block.deallocate() }

  /// Several members one after the other are one stream; what follows and is none is left alone.
  func read(into target: UnsafeMutableRawBufferPointer) throws(DecodeFailure) -> Int {
    var count = 0
    while count < target.count {
      if inflater.isDone {
        if unread.count < 2 { try refill() }
        guard unread.count >= 2, block[unread.lowerBound] == 0x1f, block[unread.lowerBound + 1] == 0x8b else { break }
        inflater.restart()
      }
      if unread.isEmpty { try refill() }
      let input = UnsafeRawBufferPointer(rebasing: block[unread])
      let got = try inflater.inflate(input, into: UnsafeMutableRawBufferPointer(rebasing: target[count...]))
      count += got
      unread = unread.upperBound - inflater.unread..<unread.upperBound
      // Nothing in and nothing out: the file ends early.
      if input.isEmpty && got == 0 && !inflater.isDone { break }
    }
    return count
  }

  private func refill() throws(DecodeFailure) {
    for i in 0..<unread.count { block[i] = block[unread.lowerBound + i] }
    let more = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: block[unread.count...]))
    unread = 0..<unread.count + more
  }
}

/// Bytes of a stream at any place: from memory where they fit, from the file where it is plain, else by reading on, and from the start again
/// for what lies behind.
final class ByteSource {
  /// The most that is kept in memory.
  static let kept = 512 << 20

  private let open: () throws(DecodeFailure) -> any ByteStream
  private var stream: any ByteStream
  private var position = 0
  private var memory: [UInt8] = []
  private let isKept: Bool
  let size: Int

  /// - Parameter size: how many bytes there have to be, as the header says; no more than these are ever inflated.
  init(
    size: Int, _ open: @escaping () throws(DecodeFailure) -> any ByteStream
  ) throws(DecodeFailure) {
    self.size = size
    self.open = open
    let stream = try open()
    self.stream = stream
    isKept = !(stream is FileStream) && size <= ByteSource.kept
  }

  /// - Throws: `truncated` where the stream ends before.
  /// - Precondition: the place lies in 0..<`size`.
  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(DecodeFailure) {
    precondition(offset >= 0 && offset + target.count <= size, "\(target.count) bytes at \(offset) of \(size)")
    if target.isEmpty { return }
    if let file = stream as? FileStream {
      file.jump(to: offset)
      guard try file.read(into: target) == target.count else { throw ByteSource.early }
    } else if isKept {
      try keep(upTo: offset + target.count)
      memory.withUnsafeBytes {
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset..<offset + target.count]))
      }
    } else {
      if offset < position {
        stream = try open()
        position = 0
      }
      try skip(offset - position)
      let got = try stream.read(into: target)
      position += got
      guard got == target.count else { throw ByteSource.early }
    }
  }

  private static let early = DecodeFailure(.truncated, "the file ends before its header says")

  private func skip(_ count: Int) throws(DecodeFailure) {
    var left = count
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer { block.deallocate() }
    while left > 0 {
      let got = try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: block[..<min(left, block.count)]))
      position += got
      left -= got
      if got == 0 { throw ByteSource.early }
    }
  }

  /// Memory grows with what really comes, not with what a header promises.
  private func keep(upTo end: Int) throws(DecodeFailure) {
    let step = 1 << 22
    while memory.count < end {
      let have = memory.count
      let wanted = min(max(end - have, step), size - have)
      var failure: DecodeFailure?
      var done = 0
      while done < wanted && failure == nil {
        let piece = min(step, wanted - done)
        let block = [UInt8](unsafeUninitializedCapacity: piece) { target, count in
          do throws(DecodeFailure) { count = try stream.read(into: UnsafeMutableRawBufferPointer(target)) } catch {
            failure = error
          }
        }
        memory += block
        done += block.count
        if block.count < piece { failure = failure ?? ByteSource.early }
      }
      if let failure {
        if memory.count < end { throw failure }
        return
      }
    }
  }
}
