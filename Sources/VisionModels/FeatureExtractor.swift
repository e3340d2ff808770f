public import Tensors

/// Images to vectors on a pool of threads: a core owns its images.
///
/// A chunk of images goes through the whole network on one thread, with nothing between its layers to wait for. Where there are fewer
/// chunks than threads, all threads share each image by rows instead. Bytes are the same either way, at any number of threads, and
/// whatever images come together.
public final class FeatureExtractor: @unchecked Sendable {
  /// Rows of tokens a chunk has at most: enough for the weights to be worth reading, few enough for the cache.
  private static let rowsPerChunk = 1024

  public let model: VisionTransformer
  public let weights: PackedWeights
  public let layer: Int?
  public let pool: VisionTransformer.Pool
  public let side: Int
  /// Images of a chunk.
  public let chunk: Int
  private let workers: WorkerPool
  /// One a worker, made when it first has work. Workers come at once, so each has an object of its own: they may not write into one array.
  private let places: [WorkerPlace]
  private var shared: VisionTransformer.Tape?

  /// - Parameters:
  ///   - side: pixels on a side of the images, a multiple of the patch.
  ///   - layer: see `VisionTransformer.features`.
  public init(
    model: VisionTransformer, parameters: ParameterBuffer, precision: Precision, side: Int, layer: Int?,
    pool: VisionTransformer.Pool, workers: WorkerPool
  ) {
    self.model = model
    weights = model.pack(parameters, precision: precision)
    self.layer = layer
    self.pool = pool
    self.side = side
    self.workers = workers
    chunk = FeatureExtractor.chunk(model, side: side)
    places = (0..<workers.threads).map { _ in WorkerPlace() }
  }

  static func chunk(_ model: VisionTransformer, side: Int) -> Int {
    let grid = side / model.configuration.patchSize
    return max(1, rowsPerChunk / (model.configuration.prefixTokens + grid * grid))
  }

  /// Length of a vector.
  public var width: Int { model.featureWidth(pool) }

  /// Vectors of `count` images [count, channels, side, side], standardised, into [count, width]. One call at a time.
  public func features(_ images: UnsafePointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>) {
    if count <= 0 { return }
    let chunks = (count + chunk - 1) / chunk
    nonisolated(unsafe) let (images, target) = (images, target)  // every job has its own images and rows
    if chunks < workers.threads {
      share(images, count: count, into: target)
      return
    }
    // As many for each thread, so that none waits for another's last.
    let jobs = min((chunks + workers.threads - 1) / workers.threads * workers.threads, count)
    workers.run(jobs: jobs) { job, worker in
      let part = count * job / jobs..<count * (job + 1) / jobs
      self.features(
        images + part.lowerBound * self.imageSize, count: part.count, worker: worker,
        into: target + part.lowerBound * self.width)
    }
  }

  /// The same for at most `chunk` images on the calling thread, which is worker `worker` of the pool.
  func features(
    _ images: UnsafePointer<Float>, count: Int, worker: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let tape =
      places[worker].tape
      ?? model.makeTape(images: chunk, side: side, precision: weights.precision, forTraining: false)
    places[worker].tape = tape
    model.features(images, count: count, weights: weights, tape: tape, layer: layer, pool: pool, into: target)
  }

  /// All threads on each chunk together.
  private func share(_ images: UnsafePointer<Float>, count: Int, into target: UnsafeMutablePointer<Float>) {
    let members = workers.threads
    let tape =
      shared
      ?? VisionTransformer.Tape(
        model.configuration, images: chunk, side: side, precision: weights.precision, forTraining: false,
        recomputes: false, members: members)
    shared = tape
    nonisolated(unsafe) let (images, target) = (images, target)
    for first in stride(from: 0, to: count, by: chunk) {
      model.beginFeatures(count: min(chunk, count - first), weights: weights, tape: tape)
      workers.run(jobs: members) { index, _ in
        self.model.features(
          images + first * self.imageSize, weights: self.weights, tape: tape, layer: self.layer, pool: self.pool,
          share: Share(index: index, count: members, barrier: tape.barrier), into: target + first * self.width)
      }
    }
  }

  private var imageSize: Int { model.configuration.channels * side * side }
}

/// What one worker keeps from call to call.
private final class WorkerPlace {
  var tape: VisionTransformer.Tape?
}
