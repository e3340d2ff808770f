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
  precondition(stack.height == stack.width, "images of \(stack.height) × \(stack.width)")
  precondition(model.configuration.channels == 3, "a model of \(model.configuration.channels) channels")
  let views = PatchShifts(side: stack.height, patch: model.configuration.patchSize, count: shifts)
  let extractor = FeatureExtractor(
    model: model, parameters: parameters, precision: precision, side: views.cropSide, layer: layer, pool: pool,
    workers: workers)
  let (chunk, width) = (extractor.chunk, extractor.width)
  let chunks = (stack.count + chunk - 1) / chunk
  let scratch = (0..<workers.threads).map { _ in
    ChunkScratch(images: chunk, side: stack.height, cropSide: views.cropSide, width: width)
  }
  let done = Mutex(0)
  var result = Matrix(rows: stack.count, columns: width)
  result.withUnsafeMutableBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return }
    nonisolated(unsafe) let rows = base  // every job writes its own rows
    workers.run(jobs: chunks) { job, worker in
      let first = job * chunk
      let count = min(chunk, stack.count - first)
      let scratch = scratch[worker]
      let whole = 3 * stack.height * stack.height
      OperationProfile.measure(.pixels) {
        for index in 0..<count {
          stack.read(first + index, into: scratch.images.pointer + index * whole)
          standardization.apply(to: scratch.images.pointer + index * whole, height: stack.height, width: stack.height)
        }
      }
      let target = rows + first * width
      target.update(repeating: 0, count: count * width)
      for corner in views.corners {
        views.cut(scratch.images.pointer, count: count, at: corner, into: scratch.crops.pointer)
        extractor.features(scratch.crops.pointer, count: count, worker: worker, into: scratch.vectors.pointer)
        axpby(target, scratch.vectors.pointer, count * width, 1 / Float(views.corners.count), 1)
      }
      if let progress {
        done.withLock {
          $0 += count
          progress($0)
        }
      }
    }
  }
  return result
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
