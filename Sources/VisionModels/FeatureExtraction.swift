import Kernels
import Synchronization
public import Tensors

/// The feature vectors of all images of a stack, one row an image, in the stack's order: the same bytes at any thread count.
///
/// Images go through in chunks, each on one thread from pixels to vectors; which thread makes no difference.
/// - Parameters:
///   - stack: square images whose side is a multiple of the patch; where it is not the model's own, positions are resampled.
///   - precision: of the products.
///   - layer: see `VisionTransformer.features`.
///   - shifts: how many places the grid of patches is laid on, along each axis; see `PatchShifts`. 1: the whole image, once.
///   - progress: called after every chunk with the number of images done so far, never twice at once.
/// - Complexity: O(images · shifts²) network passes; memory of one inference tape a thread.
public func extractFeatures(
  of stack: PixelStack, model: VisionTransformer, parameters: ParameterBuffer, precision: Precision,
  standardization: Standardization, layer: Int? = nil, pool: VisionTransformer.Pool, shifts: Int = 1,
  on workers: WorkerPool, progress: (@Sendable (_ done: Int) -> Void)? = nil
) -> Matrix {
  let chunks = ChunkFeatures(
    side: stack.height, model: model, parameters: parameters, precision: precision, standardization: standardization,
    layer: layer, pool: pool, shifts: shifts, workers: workers)
  precondition(stack.height == stack.width, "images of \(stack.height) × \(stack.width)")
  let (chunk, width) = (chunks.chunk, chunks.width)
  let done = Mutex(0)
  var result = Matrix(rows: stack.count, columns: width)
  result.withUnsafeMutableBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return }
    nonisolated(unsafe) let rows = base  // every job writes its own rows
    workers.run(jobs: (stack.count + chunk - 1) / chunk) { job, worker in
      let images = job * chunk..<min((job + 1) * chunk, stack.count)
      chunks.compute(images, of: stack, worker: worker, into: rows + images.lowerBound * width)
      if let progress {
        done.withLock {
          $0 += images.count
          progress($0)
        }
      }
    }
  }
  return result
}

/// What turns a chunk of images into vectors, with room for each thread.
struct ChunkFeatures: Sendable {
  private let extractor: FeatureExtractor
  private let views: PatchShifts
  private let standardization: Standardization
  private let side: Int
  private let scratch: [ChunkScratch]

  init(
    side: Int, model: VisionTransformer, parameters: ParameterBuffer, precision: Precision,
    standardization: Standardization, layer: Int?, pool: VisionTransformer.Pool, shifts: Int, workers: WorkerPool
  ) {
    precondition(model.configuration.channels == 3, "a model of \(model.configuration.channels) channels")
    self.side = side
    self.standardization = standardization
    let views = PatchShifts(side: side, patch: model.configuration.patchSize, count: shifts)
    let extractor = FeatureExtractor(
      model: model, parameters: parameters, precision: precision, side: views.cropSide, layer: layer, pool: pool,
      workers: workers)
    self.views = views
    self.extractor = extractor
    scratch = (0..<workers.threads).map { _ in
      ChunkScratch(images: extractor.chunk, side: side, cropSide: views.cropSide, width: extractor.width)
    }
  }

  /// Images that go through together, and the length of a vector.
  var chunk: Int { extractor.chunk }
  var width: Int { extractor.width }

  /// Vectors of at most `chunk` images, on thread `worker`.
  func compute(_ images: Range<Int>, of stack: PixelStack, worker: Int, into target: UnsafeMutablePointer<Float>) {
    let scratch = scratch[worker]
    let whole = 3 * side * side
    OperationProfile.measure(.pixels) {
      for (place, image) in images.enumerated() {
        stack.read(image, into: scratch.images.pointer + place * whole)
        standardization.apply(to: scratch.images.pointer + place * whole, height: side, width: side)
      }
    }
    target.update(repeating: 0, count: images.count * width)
    for corner in views.corners {
      views.cut(scratch.images.pointer, count: images.count, at: corner, into: scratch.crops.pointer)
      extractor.features(scratch.crops.pointer, count: images.count, worker: worker, into: scratch.vectors.pointer)
      axpby(target, scratch.vectors.pointer, images.count * width, 1 / Float(views.corners.count), 1)
    }
  }
}

/// What one thread needs besides a tape: room for a chunk of images, of crops and of vectors.
private struct ChunkScratch: Sendable {
  let images: FloatBuffer
  let crops: FloatBuffer
  let vectors: FloatBuffer

  init(images count: Int, side: Int, cropSide: Int, width: Int) {
    images = FloatBuffer(count * 3 * side * side)
    crops = FloatBuffer(count * 3 * cropSide * cropSide)
    vectors = FloatBuffer(count * width)
  }
}
