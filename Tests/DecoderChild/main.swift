import Foundation
import Imaging

/// A decoder that misbehaves on demand: what its file is called decides.
struct MisbehavingDecoder: ImageDecoder, FileInspector {
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
    return try DirectDecoder().read(request, receive)
  }
}

exit(DecoderService.serve(MisbehavingDecoder()))
