import Foundation
import Imaging
import Tensors

/// `bench decode`: a file to a grey picture of the model's size, again and again, on so many threads that share the work.
enum DecodingContest {
  /// `--exact no` is what a peer does: pixels alone. `yes` is what `medoid ingest` does: exact decoding, digests and flags.
  static func serve(_ arguments: Arguments) throws {
    PictureMemory.keep()
    let path = try arguments.text("file")
    let size = try arguments.integer("size")
    let isExact = try arguments.text("exact") == "yes"
    let workers = WorkerPool(threads: try arguments.integer("threads"))
    let preprocessing = Preprocessing(size: size, fit: .stretch)
    @Sendable func picture() throws -> [Float] {
      if isExact { return try DirectDecoder().decode(path, preprocessing).pixels }
      var options = ReadingOptions(preprocessing)
      options.isExact = false
      return preprocessing(try PictureSources.open(path, options).picture(0).picture)
    }
    let answer = try picture()
    try LineProtocol.serve { rounds in
      workers.run(jobs: rounds * workers.threads) { _, _ in
        // It could be read a moment ago.
        guard let pixels = try? picture() else { preconditionFailure("\(path) cannot be read any more") }
        precondition(pixels.count == answer.count)
      }
    } answer: {
      answer
    }
  }
}
