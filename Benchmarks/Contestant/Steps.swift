import SelfSupervision
import Tensors
import VisionModels

/// `bench dino`: whole steps of DINO on given pixels: teacher, student, loss, backward, clipping, AdamW, centre, the teacher's average.
enum StepContest {
  /// How many first steps the check compares.
  private static let checked = 3

  static func serve(_ arguments: Arguments) throws {
    let batch = try arguments.integer("batch")
    var configuration = DINO.Configuration()
    configuration.batchSize = batch
    configuration.globalCropSize = try arguments.integer("side")
    configuration.localCropSize = try arguments.integer("local-side")
    configuration.localCrops = try arguments.integer("local-crops")
    configuration.outputDimension = try arguments.integer("outputs")
    configuration.headHidden = 2048
    configuration.headBottleneck = 256
    configuration.koleoWeight = 0
    configuration.dropPath = 0
    configuration.clipGradient = 3
    let model = try Inputs.model(try arguments.text("model"), side: configuration.globalCropSize)
    let crops = try GivenCrops(try arguments.text("images"), batch: batch, configuration)
    let learner = try makeLearner(
      configuration, model: model.configuration, precision: try arguments.precision(),
      workers: WorkerPool(threads: try arguments.integer("threads")))
    try Inputs.fill(learner.student, from: try arguments.text("weights"))
    learner.teacherParameters.pointer.update(from: learner.student.pointer, count: learner.student.count)
    let rates = Learner.Rates(
      learningRate: 5e-4, weightDecay: 0.04, teacherMomentum: 0.996, teacherTemperature: 0.04, freezesLastLayer: false)
    var number = 0
    func step() throws -> Float {
      defer { number += 1 }
      return Float(try learner.step(crops, batch: batch, rates: rates, number: number).loss)
    }
    // The first steps answer the check, so they are taken before anything is timed.
    let losses = try (0..<checked).map { _ in try step() }
    try LineProtocol.serve(
      run: { rounds in for _ in 0..<rounds { _ = try step() } }, answer: { losses })
  }

  private static func makeLearner(
    _ configuration: DINO.Configuration, model: VisionTransformer.Configuration, precision: Precision,
    workers: WorkerPool
  ) throws -> Learner {
    try Unavailable.check(precision)
    var configuration = configuration
    configuration.precision = precision
    return Learner(configuration, model: model, workers: workers) { _, _, _ in }
  }
}

/// Crops read from a file, the same in every step: globals [2, batch, 3, side, side], then locals likewise.
private struct GivenCrops: CropSource {
  let pixels: [Float]
  let batch: Int
  let global: Int
  let local: Int
  let localCrops: Int

  init(_ path: String, batch: Int, _ configuration: DINO.Configuration) throws {
    self.batch = batch
    global = 3 * configuration.globalCropSize * configuration.globalCropSize
    local = 3 * configuration.localCropSize * configuration.localCropSize
    localCrops = configuration.localCrops
    pixels = try Inputs.floats(path, count: batch * (2 * global + localCrops * local))
  }

  func fillGlobals(_ positions: Range<Int>, worker: Int, into globals: UnsafeMutablePointer<Float>) {
    fill(positions, crops: 2, size: global, from: 0, globals)
  }

  func fillLocals(_ positions: Range<Int>, worker: Int, into locals: UnsafeMutablePointer<Float>) {
    fill(positions, crops: localCrops, size: local, from: 2 * batch * global, locals)
  }

  func seed(_ position: Int) -> Seed { Seed(UInt64(position)) }

  private func fill(
    _ positions: Range<Int>, crops: Int, size: Int, from start: Int, _ target: UnsafeMutablePointer<Float>
  ) {
    pixels.withUnsafeBufferPointer { pixels in
      for crop in 0..<crops {
        (target + crop * positions.count * size).update(
          from: pixels.baseAddress! + start + (crop * batch + positions.lowerBound) * size,
          count: positions.count * size)
      }
    }
  }
}
