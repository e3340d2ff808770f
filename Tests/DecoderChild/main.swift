import Foundation
import Imaging

/// A decoder that misbehaves on demand: what its file is called decides.
struct MisbehavingDecoder: ImageDecoder, FileInspector {
  func header(_ path: String) throws(DecodeFailure) -> [String] { try DirectDecoder().header(path) }
  func inspect(_ path: String) throws(DecodeFailure) -> FileInspection { try DirectDecoder().inspect(path) }

  func read(
    _ request: ReadRequest, _ receive: (ReadItem) -> Void
  ) throws(DecodeFailure) -> FileSummary {
    let name = request.path.split(separator: "/").last ?? ""
    if name.hasPrefix("abort") { abort() }
    if name.hasPrefix("hang") { while true { sleep(1) } }
    if name.hasPrefix("leave") { exit(0) }
    if name.hasPrefix("babble") {
      _ = [UInt8](repeating: 0xff, count: 64).withUnsafeBytes { write(STDIN_FILENO, $0.baseAddress, 64) }
    }
    if name.hasPrefix("pages") { return readPages(request, receive, dies: name.hasSuffix("die")) }
    return try DirectDecoder().read(request, receive)
  }

  /// Forty pictures of one grey each; the sixth kills, the eighth fails.
  private func readPages(_ request: ReadRequest, _ receive: (ReadItem) -> Void, dies: Bool) -> FileSummary {
    let size = request.options.preprocessing?.size ?? 4
    var facts = ImageFacts(kind: .tiff, width: size, height: size, frames: 40, bits: 8, samples: 1)
    for index in (request.items ?? 0..<40).clamped(to: 0..<40) {
      if dies && index == 5 { abort() }
      facts.item = "\(index)"
      facts.renderedDigest = "\(index)"
      let pixels = [Float](repeating: Float(index) / 40, count: size * size)
      let image = DecodedImage(pixels: pixels, channels: 1, height: size, width: size, facts: facts)
      let failure = DecodeFailure(.corrupt, "planted")
      receive(ReadItem(index: index, outcome: index == 7 ? .failure(failure) : .success(image)))
    }
    return FileSummary(facts: facts, count: 40, fileDigest: nil)
  }
}

exit(DecoderService.serve(MisbehavingDecoder()))
