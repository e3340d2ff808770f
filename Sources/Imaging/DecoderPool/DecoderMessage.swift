import Foundation

/// What parent and child say to each other: a request, a reply for each picture as it is ready, and a last one for the file.
///
/// On the wire: two 64-bit little-endian lengths, then JSON of the first length, then samples (32-bit floats of this machine) of the second.
struct DecoderRequest: Codable {
  enum Purpose: String, Codable { case pictures, inspection, header }

  var request: ReadRequest
  var purpose = Purpose.pictures
  /// The child ends itself after this time, so that none is left over when the parent is gone.
  var seconds: Int
}

/// One of: an image (its samples follow the JSON), an image's failure, the file's summary, the file's failure.
/// The first reply of a child, before any request, is none of them.
struct DecoderReply: Codable {
  /// The picture's number; nil in the last reply.
  var item: Int?
  var facts: ImageFacts?
  var channels = 0
  var height = 0
  var width = 0
  var summary: FileSummary?
  var inspection: FileInspection?
  var header: [String]?
  var failure: DecodeFailure?
}

/// One end of the socket between parent and child; closed with its owner.
final class DecoderChannel {
  /// The peer is gone, or says what it never should.
  struct Broken: Error {}
  /// The peer did not answer in time.
  struct Late: Error {}

  private let descriptor: Int32

  init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  func send(_ message: some Encodable, samples: [Float] = []) throws {
    let json = try JSONEncoder().encode(message)
    var head = [UInt64(json.count).littleEndian, UInt64(samples.count * 4).littleEndian].withUnsafeBytes { Data($0) }
    head.append(json)
    try head.withUnsafeBytes { try write($0) }
    try samples.withUnsafeBytes { try write($0) }
  }

  /// One picture, or why there is none.
  func send(_ item: ReadItem) throws {
    switch item.outcome {
    case .success(let image):
      let reply = DecoderReply(
        item: item.index, facts: image.facts, channels: image.channels, height: image.height, width: image.width)
      try send(reply, samples: image.pixels)
    case .failure(let failure): try send(DecoderReply(item: item.index, failure: failure))
    }
  }

  /// The next message, within `seconds` if given.
  func receive<Message: Decodable>(_: Message.Type, within seconds: Double? = nil) throws -> (Message, samples: [Float])
  {
    let deadline = seconds.map { DispatchTime.now() + $0 }
    var lengths: [UInt64] = [0, 0]
    try lengths.withUnsafeMutableBytes { try read($0, by: deadline) }
    let (json, bytes) = (UInt64(littleEndian: lengths[0]), UInt64(littleEndian: lengths[1]))
    // A peer whose memory is damaged may state any length.
    guard json <= 1 << 24, bytes <= UInt64(DecodingLimits.pixels) * 12, bytes % 4 == 0 else { throw Broken() }
    var text = [UInt8](repeating: 0, count: Int(json))
    try text.withUnsafeMutableBytes { try read($0, by: deadline) }
    var samples = [Float](repeating: 0, count: Int(bytes) / 4)
    try samples.withUnsafeMutableBytes { try read($0, by: deadline) }
    do { return (try JSONDecoder().decode(Message.self, from: Data(text)), samples) } catch { throw Broken() }
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      #if canImport(Darwin)
        let flags: Int32 = 0
      #else
        let flags = Int32(MSG_NOSIGNAL)
      #endif
      let count = Foundation.send(descriptor, rest.baseAddress, rest.count, flags)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw Broken() }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }

  private func read(_ bytes: UnsafeMutableRawBufferPointer, by deadline: DispatchTime?) throws {
    var rest = bytes
    while !rest.isEmpty {
      if let deadline {
        let now = DispatchTime.now()
        if now >= deadline { throw Late() }
        let left = (deadline.uptimeNanoseconds - now.uptimeNanoseconds) / 1_000_000 + 1
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&waiting, 1, Int32(min(left, 60_000))) <= 0 { continue }
      }
      let count = recv(descriptor, rest.baseAddress, rest.count, 0)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw Broken() }
      rest = UnsafeMutableRawBufferPointer(rebasing: rest.dropFirst(count))
    }
  }
}
