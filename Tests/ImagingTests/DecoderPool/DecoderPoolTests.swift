import Foundation
import Imaging
import Records
import Synchronization
import Tensors
import TestSupport
import Testing

struct DecoderPoolTests {
  private func outcome(_ decoder: any ImageDecoder, _ path: String) -> Result<DecodedImage, DecodeFailure> {
    do throws(DecodeFailure) { return .success(try decoder.decode(path, Preprocessing(size: 6))) } catch {
      return .failure(error)
    }
  }

  @Test func childrenGiveWhatThisProcessGives() throws {
    let pool = try Samples.pool()
    for name in ["window_sigmoid.dcm", "raster_colour.jpg", "raster_sixteen.png", "raster_palette.png", "none"] {
      #expect(outcome(pool, Samples.file(name)) == outcome(DirectDecoder(), Samples.file(name)), "\(name)")
    }
    let whole = try pool.decode(Samples.file("raster_colour.png"), nil)
    #expect(whole == (try DirectDecoder().decode(Samples.file("raster_colour.png"), nil)))
    #expect(pool.statistics.crashed == 0 && pool.statistics.timedOut == 0)
  }

  @Test func onlyTheFileThatKillsIsLost() throws {
    try withTemporaryFolder { folder in
      let good = try Data(contentsOf: URL(filePath: Samples.file("raster_grey.png")))
      let names = (0..<12).map {
        $0 % 4 == 2 ? "abort\($0)" : $0 == 5 ? "hang" : $0 == 8 ? "leave" : $0 == 9 ? "babble" : "good\($0)"
      }
      for name in names { try good.write(to: folder.appending(path: name)) }
      for children in 1...2 {
        let pool = try Samples.pool(children: children, seconds: 3)
        let codes = Mutex([Rejection.Code?](repeating: nil, count: names.count))
        WorkerPool(threads: 3).run(jobs: names.count) { job, _ in
          if case .failure(let failure) = outcome(pool, folder.appending(path: names[job]).path) {
            codes.withLock { $0[job] = failure.code }
          }
        }
        let expected: [Rejection.Code?] = names.map {
          $0.hasPrefix("good") ? nil : $0 == "hang" ? .decoderTimedOut : .decoderCrashed
        }
        #expect(codes.withLock { $0 } == expected)
        #expect(pool.statistics.timedOut == 1 && pool.statistics.crashed == 5)
      }
    }
  }

  @Test func aProgramThatIsNoDecoderIsSaidAtOnce() {
    for name in ["/nonexistent/program", "/bin/true"] {
      #expect(throws: DecoderPoolError.self) {
        try DecoderPool(.init(executable: URL(filePath: name), arguments: []), children: 1)
      }
    }
  }
}
