import Synchronization
import Tensors
import TestSupport
import Testing
import VisionModels

struct FeatureExtractionTests {
  private func stack(count: Int, side: Int, channels: Int) -> PixelStack {
    var generator = Seed(5).generator()
    let samples = (0..<count * channels * side * side).map { _ in UInt8(generator.integer(below: 256)) }
    return PixelStack(count: count, channels: channels, height: side, width: side, samples: .bits8(samples))
  }

  @Test(arguments: [0, 1, 16, 53], Precision.allCases)
  func theSameBytesAtAnyThreadCount(_ count: Int, _ precision: Precision) {
    let model = VisionTransformer(.init(imageSize: 16, patchSize: 4, width: 32, depth: 2, heads: 2))
    let parameters = ParameterBuffer(model.layout)
    model.initialize(parameters, seed: Seed(9))
    let stack = stack(count: count, side: 24, channels: 1)
    let results = (1...3).map { threads in
      extractFeatures(
        of: stack, model: model, parameters: parameters, precision: precision, standardization: .neutral, layer: nil,
        pool: .clsMean, shifts: 2, on: WorkerPool(threads: threads))
    }
    #expect(results[0].rows == count && results[0].columns == 64)
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test func rowsAreTheImagesAndProgressIsTold() {
    let model = VisionTransformer(.init(imageSize: 16, patchSize: 2, width: 16, depth: 1, heads: 2))
    let parameters = ParameterBuffer(model.layout)
    model.initialize(parameters, seed: Seed(9))
    let stack = stack(count: 35, side: 16, channels: 3)
    let told = Mutex([Int]())
    let matrix = extractFeatures(
      of: stack, model: model, parameters: parameters, precision: .f32, standardization: .imageNet, pool: .cls,
      on: WorkerPool(threads: 2), progress: { done in told.withLock { $0.append(done) } })
    #expect(told.withLock { $0.count == 3 && $0 == $0.sorted() && $0.last == 35 })
    let weights = model.pack(parameters, precision: .f32)
    let tape = model.makeTape(images: 1, side: 16, precision: .f32, forTraining: false)
    for index in 0..<35 {
      var image = [Float](repeating: 0, count: 3 * 256)
      stack.read(index, into: &image)
      Standardization.imageNet.apply(to: &image, height: 16, width: 16)
      model.forward(image, count: 1, weights: weights, tape: tape)
      #expect(matrix.row(index) == Array(UnsafeBufferPointer(start: tape.outputs, count: 16)))
    }
  }

  /// The naive twin: cut every crop into a stack of its own, embed it alone, and average.
  @Test func shiftsAreTheMeanOverMovedCrops() {
    let model = VisionTransformer(.init(imageSize: 24, patchSize: 4, width: 32, depth: 2, heads: 2))
    let parameters = ParameterBuffer(model.layout)
    model.initialize(parameters, seed: Seed(9))
    let (count, side) = (19, 24)
    let whole = stack(count: count, side: side, channels: 3)
    guard case .bits8(let samples) = whole.samples else { return }
    func features(_ stack: PixelStack, shifts: Int) -> Matrix {
      extractFeatures(
        of: stack, model: model, parameters: parameters, precision: .f32, standardization: .imageNet, layer: nil,
        pool: .clsMean, shifts: shifts, on: WorkerPool(threads: 2))
    }
    withEvery("shifts", in: [(2, [0, 2]), (3, [0, 1, 2]), (4, [0, 1, 2, 3])]) { shifts, offsets in
      var mean = [Double](repeating: 0, count: count * 64)
      for y in offsets {
        for x in offsets {
          let cropped = (0..<count * 3).flatMap { plane in
            (0..<20).flatMap { row in (0..<20).map { samples[(plane * side + y + row) * side + x + $0] } }
          }
          let crops = PixelStack(count: count, channels: 3, height: 20, width: 20, samples: .bits8(cropped))
          let alone = features(crops, shifts: 1)
          for i in mean.indices { mean[i] += Double(alone.storage[i]) / Double(shifts * shifts) }
        }
      }
      #expect(normalizedError(features(whole, shifts: shifts).storage, mean.map { Float($0) }) < forwardTolerance)
    }
  }

  @Test func standardizationIsPerChannel() {
    var planes: [Float] = [0, 0.25, 0.5, 1, 0.485, 0.714]
    Standardization(mean: [0, 0.5, 0.485], deviation: [1, 0.25, 0.229]).apply(to: &planes, height: 1, width: 2)
    #expect(normalizedError(planes, [0, 0.25, 0, 2, 0, 1]) < 1e-6)
  }
}
