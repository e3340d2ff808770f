import Synchronization
import Tensors
import TestSupport
import Testing
import VisionModels

/// A stack behind a source that counts what is read, and can fail.
private struct Medium: PixelSource {
  let stack: PixelStack
  var failsAt = Int.max
  var count: Int { stack.count }
  var channels: Int { stack.channels }
  var height: Int { stack.height }
  var width: Int { stack.width }
  var bits: Int { stack.bits }

  func block(_ range: Range<Int>) throws -> PixelStack {
    if range.contains(failsAt) { throw Mismatch("the medium fails at \(failsAt)") }
    return stack.block(range)
  }
}

struct FeatureStreamTests {
  private let model = VisionTransformer(.init(imageSize: 48, patchSize: 4, width: 32, depth: 2, heads: 2))

  private func stack(_ count: Int) -> PixelStack {
    var generator = Seed(5).generator()
    let samples = (0..<count * 48 * 48).map { _ in UInt8(generator.integer(below: 256)) }
    return PixelStack(count: count, channels: 1, height: 48, width: 48, samples: .bits8(samples))
  }

  private func parameters() -> ParameterBuffer {
    let parameters = ParameterBuffer(model.layout)
    model.initialize(parameters, seed: Seed(9))
    return parameters
  }

  private func stream(_ source: any PixelSource, threads: Int) -> FeatureStream {
    FeatureStream(
      of: source, model: model, parameters: parameters(), precision: .f32, standardization: .imageNet, pool: .clsMean,
      on: WorkerPool(threads: threads))
  }

  @Test(arguments: [0, 1, 7, 100, 131]) func theBytesOfAllAtOnce(_ count: Int) throws {
    let stack = stack(count)
    let wanted = extractFeatures(
      of: stack, model: model, parameters: parameters(), precision: .f32, standardization: .imageNet, pool: .clsMean,
      on: WorkerPool(threads: 2))
    for threads in 1...3 {
      let got = Mutex<[Float]>([])
      let told = Mutex<[Int]>([])
      let stream = stream(Medium(stack: stack), threads: threads)
      try stream.run(progress: { done in told.withLock { $0.append(done) } }) { images, rows in
        got.withLock {
          #expect($0.count == images.lowerBound * stream.width && rows.count == images.count * stream.width)
          $0 += Array(rows)
        }
      }
      #expect(got.withLock { $0 } == wanted.storage)
      #expect(told.withLock { $0 == $0.sorted() && ($0.last ?? 0) == count })
    }
  }

  @Test func whatFailsIsThrown() {
    let stack = stack(131)
    for threads in 1...3 {
      #expect(throws: Mismatch.self) {
        try stream(Medium(stack: stack, failsAt: 120), threads: threads).run { _, _ in }
      }
      #expect(throws: Mismatch.self) {
        try stream(Medium(stack: stack), threads: threads).run { images, _ in throw Mismatch("the sink is full") }
      }
      #expect(throws: CancellationError.self) {
        try stream(Medium(stack: stack), threads: threads).run(isCancelled: { true }) { _, _ in }
      }
    }
  }

  @Test func memoryIsThatOfBlocksAndNotOfTheArchive() {
    func memory(_ count: Int) -> Int {
      FeatureStream.memory(
        of: Medium(stack: stack(count)), model: model, precision: .f32, pool: .cls, shifts: 1, threads: 2)
    }
    #expect(memory(4000) == memory(6000) && memory(10) < memory(4000))
  }
}
