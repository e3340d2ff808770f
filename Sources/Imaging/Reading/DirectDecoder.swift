import Crypto
import Foundation
import Records
import Synchronization

/// Decodes in this process: what a `DecoderPool` child runs, and what tests may use on files that are known to be harmless.
///
/// The last file stays open, so that the frames of a clip and the tiles of a slide are read one after the other without opening it anew.
public struct DirectDecoder: ImageDecoder {
  private let last = LastSource()

  public init() {}

  public func read(
    _ request: ReadRequest, _ receive: (ReadItem) -> Void
  ) throws(DecodeFailure) -> FileSummary {
    let opened = try last.take(for: request)
    let source = opened.source
    let count = source.count
    let items = (request.items ?? 0..<count).clamped(to: 0..<count)
    for index in items {
      do throws(DecodeFailure) {
        receive(ReadItem(index: index, outcome: .success(try DirectDecoder.image(index, of: source, request.options))))
      } catch {
        receive(ReadItem(index: index, outcome: .failure(error)))
      }
    }
    // A header alone is looked at by the million: the whole file is not read for it.
    let wantsDigest = request.wantsFileDigest && request.items.map { $0.lowerBound == 0 && !$0.isEmpty } ?? true
    let digest = wantsDigest ? try ContentDigest.ofFile(request.path) : nil
    guard try FileState(request.path) == opened.state else {
      throw DecodeFailure(.changedWhileReading, "the file changed while it was read")
    }
    last.keep(opened)
    return FileSummary(facts: source.facts, count: count, fileDigest: digest)
  }

  private static func image(
    _ index: Int, of source: any PictureSource, _ options: ReadingOptions
  ) throws(DecodeFailure) -> DecodedImage {
    let content = try source.picture(index)
    let picture = content.picture.collapsingEqualChannels()
    var facts = content.facts
    if options.isExact {
      facts.pixelDigest = content.stored.digest
      facts.renderedDigest = picture.digest()
      let quality = QualityFlags.judge(picture, modality: facts.modality)
      facts.flags = Set(facts.flags + quality.flags).sorted()
      facts.scores.merge(quality.scores) { own, _ in own }
      facts.perceptualHash = PerceptualHash(picture)?.digits ?? ""
    }
    guard let preprocessing = options.preprocessing else {
      return DecodedImage(
        pixels: picture.planes(), channels: picture.channels, height: picture.height, width: picture.width, facts: facts
      )
    }
    return DecodedImage(
      pixels: preprocessing(picture), channels: picture.channels, height: preprocessing.size, width: preprocessing.size,
      facts: facts)
  }

  /// The file that was read last, still open. While it is read it belongs to the thread that reads it.
  private final class LastSource: Sendable {
    struct Open: @unchecked Sendable {
      let path: String
      let options: ReadingOptions
      let state: FileState
      let source: any PictureSource
    }

    private let open = Mutex<Open?>(nil)

    func take(for request: ReadRequest) throws(DecodeFailure) -> Open {
      let state = try FileState(request.path)
      let known = open.withLock { open in
        defer { open = nil }
        return open
      }
      if let known, known.path == request.path, known.options == request.options, known.state == state { return known }
      let source = try PictureSources.open(request.path, request.options)
      return Open(path: request.path, options: request.options, state: state, source: source)
    }

    func keep(_ opened: Open) { open.withLock { $0 = opened } }
  }
}

/// SHA-256 of a file's bytes.
enum ContentDigest {
  static func ofFile(_ path: String) throws(DecodeFailure) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw FileState.failure(errno) }
    defer { close(descriptor) }
    var hash = SHA256()
    var block = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Foundation.read(descriptor, &block, block.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw FileState.failure(errno) }
      if count == 0 { return hash.finalize().hexadecimal }
      block.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }
  }
}
