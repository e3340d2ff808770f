import Foundation
import Imaging
import Pipeline
import Storage
import Tensors

/// The small pictures beside the page: what the network saw, as JPEG, one file an image, named by its id.
enum Thumbnails {
  /// Pictures a job: enough to be worth waking a thread for.
  private static let chunk = 64

  static func write(
    _ images: ImagesFile, rows: [Int], to folder: URL, workers: WorkerPool, _ context: StageContext
  ) throws {
    let jobs = (rows.count + chunk - 1) / chunk
    try workers.runThrowing(jobs: jobs) { job, _ in
      let encoder = try JPEGEncoder()
      var planes = [Float](repeating: 0, count: 3 * images.height * images.width)
      for row in rows[job * chunk..<min((job + 1) * chunk, rows.count)] {
        let stack = try images.stack(row..<row + 1)
        planes.withUnsafeMutableBufferPointer { stack.read(0, into: $0.baseAddress!) }
        let samples = images.channels == 1 ? Array(planes.prefix(images.height * images.width)) : planes
        let picture = try encoder.encode(
          samples, channels: images.channels, height: images.height, width: images.width)
        try picture.write(to: folder.appending(path: "\(images.ids[row].rawValue).jpg"))
      }
    }
    context.report(StageProgress(done: rows.count, total: rows.count, unit: "pictures"))
  }
}
