import Synchronization
public import Tensors

/// The feature vectors of all images of a stack, one row an image, in the stack's order: the same bytes at any thread count.
///
/// Images go through in chunks of sixteen, each chunk on one thread from pixels to vectors; which thread makes no difference.
/// - Parameters:
///   - stack: square images whose side is a multiple of the patch; where it is not the model's own, positions are resampled.
///   - layer: see `VisionTransformer.features`.
///   - progress: called after every chunk with the number of images done so far, never twice at once.
/// - Complexity: O(images) network passes; memory of one inference tape a thread.
public func extractFeatures(
  of stack: PixelStack, model: VisionTransformer, parameters: ParameterBuffer, standardization: Standardization,
  layer: Int? = nil, pool: VisionTransformer.Pool, on workers: WorkerPool,
  progress: (@Sendable (_ done: Int) -> Void)? = nil
) -> Matrix {
  precondition(stack.height == stack.width, "images of \(stack.height) × \(stack.width)")
  precondition(model.configuration.channels == 3, "a model of \(model.configuration.channels) channels")
  let chunk = 16
  let side = stack.height
  let pixels = 3 * side * side
  let width = model.featureWidth(pool)
  let chunks = (stack.count + chunk - 1) / chunk
  let scratch = (0..<min(workers.threads, chunks)).map { _ in
    InferenceScratch(tape: model.makeTape(images: chunk, side: side, forTraining: false), pixels: chunk * pixels)
  }
  let done = Mutex(0)
  var result = Matrix(rows: stack.count, columns: width)
  result.withUnsafeMutableBufferPointer { buffer in
    guard let base = buffer.baseAddress else { return }
    nonisolated(unsafe) let rows = base  // every job writes its own rows
    workers.run(jobs: chunks) { job, worker in
      let first = job * chunk
      let count = min(chunk, stack.count - first)
      let images = scratch[worker].images
      for index in 0..<count {
        stack.read(first + index, into: images + index * pixels)
        standardization.apply(to: images + index * pixels, height: side, width: side)
      }
      model.features(
        images, count: count, parameters: parameters.pointer, tape: scratch[worker].tape, layer: layer, pool: pool,
        into: rows + first * width)
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

/// What one thread needs: a tape and room for a chunk of pixels.
private final class InferenceScratch: @unchecked Sendable {
  let tape: VisionTransformer.Tape
  let images: UnsafeMutablePointer<Float>

  init(tape: VisionTransformer.Tape, pixels: Int) {
    self.tape = tape
    images = allocateFloats(pixels)
  }

  deinit { images.deallocate() }
}
