import Synchronization
public import Tensors

/// The feature vectors of images that lie in a file: read ahead by a thread of its own, computed in chunks, handed on in order.
///
///     let stream = FeatureStream(of: images, model: model, parameters: numbers, precision: .bf16, …, on: workers)
///     try stream.run { range, rows in try writer.append(rows) }
///
/// The bytes are those of `extractFeatures` on all images at once. Threads wait for one another only at the very end, and for the medium only
/// where it is slower than they are. Memory: `memory`, whatever the number of images.
public struct FeatureStream: Sendable {
  private let source: any PixelSource
  private let chunks: ChunkFeatures
  private let workers: WorkerPool
  /// Images of a block: whole chunks, several a thread.
  private let block: Int

  /// Length of a vector.
  public var width: Int { chunks.width }

  /// Blocks that are in memory at most.
  private static let blocksHeld = 3

  /// - Precondition: square images. Parameters are those of `extractFeatures`.
  public init(
    of source: any PixelSource, model: VisionTransformer, parameters: ParameterBuffer, precision: Precision,
    standardization: Standardization, layer: Int? = nil, pool: VisionTransformer.Pool, shifts: Int = 1,
    on workers: WorkerPool
  ) {
    precondition(source.height == source.width, "images of \(source.height) × \(source.width)")
    self.source = source
    self.workers = workers
    chunks = ChunkFeatures(
      side: source.height, model: model, parameters: parameters, precision: precision,
      standardization: standardization, layer: layer, pool: pool, shifts: shifts, workers: workers)
    block = FeatureStream.block(source, chunk: chunks.chunk, threads: workers.threads)
  }

  /// Computes everything. `sink` gets the vectors of one block after another, in order, from any thread, never twice at once.
  /// - Throws: what reading or `sink` throws first; `CancellationError` when `isCancelled` says so.
  public func run(
    progress: (@Sendable (_ done: Int) -> Void)? = nil, isCancelled: @Sendable () -> Bool = { false },
    _ sink: @Sendable (_ images: Range<Int>, _ rows: UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let ahead = BlocksAhead(of: source, size: block, held: FeatureStream.blocksHeld)
    let results = BlockResults()
    let chunksABlock = block / chunks.chunk
    let jobs = (source.count + chunks.chunk - 1) / chunks.chunk
    workers.run(jobs: jobs) { job, worker in
      let number = job / chunksABlock
      if isCancelled() {
        results.fail(CancellationError())
        ahead.stop()
      }
      // Stopped: by the user, by a sink or by the medium.
      guard let pixels = ahead.take(number) else { return }
      let images = ahead.range(number, of: source.count)
      let rows = results.rows(of: number, count: images.count, width: width)
      let first = (job % chunksABlock) * chunks.chunk
      let part = first..<min(first + chunks.chunk, images.count)
      chunks.compute(part, of: pixels, worker: worker, into: rows.pointer + part.lowerBound * width)
      let chunksInBlock = (images.count + chunks.chunk - 1) / chunks.chunk
      results.finish(chunk: part.count, of: number, chunks: chunksInBlock, images, width, progress, ahead, sink)
      if results.hasFailed { ahead.stop() }
    }
    if let error = results.error { throw error }
    try ahead.finish()
  }

  private static func block(_ source: any PixelSource, chunk: Int, threads: Int) -> Int {
    let wanted = max(source.imagesABlock, 4 * chunk * threads)
    return min((wanted + chunk - 1) / chunk, max(1, (source.count + chunk - 1) / chunk)) * chunk
  }

  /// Bytes that the work takes at most: weights as read and as packed, a tape and pictures for each thread, blocks of pixels and of vectors.
  public static func memory(
    of source: any PixelSource, model: VisionTransformer, precision: Precision, pool: VisionTransformer.Pool,
    shifts: Int, threads: Int
  ) -> Int {
    let side = PatchShifts(side: source.height, patch: model.configuration.patchSize, count: shifts).cropSide
    let chunk = FeatureExtractor.chunk(model, side: side)
    let tape = model.makeTape(images: chunk, side: side, precision: precision, forTraining: false).bytes
    let width = model.featureWidth(pool)
    let pictures = 4 * chunk * (3 * (source.height * source.height + side * side) + width)
    let images = block(source, chunk: chunk, threads: threads)
    return model.layout.count * (4 + precision.bytes) + threads * (tape + pictures)
      + (blocksHeld + 1) * images * (source.bytesAnImage + 4 * width)
  }
}

/// Vectors of the blocks under way; hands on those that are complete, in order.
private final class BlockResults: Sendable {
  private struct State {
    var rows: [Int: FloatBuffer] = [:]
    var chunksDone: [Int: Int] = [:]
    var complete: [Int: Range<Int>] = [:]
    var next = 0
    var imagesDone = 0
    var error: (any Error)?
  }

  private let state = Mutex(State())

  var error: (any Error)? { state.withLock { $0.error } }
  var hasFailed: Bool { state.withLock { $0.error != nil } }

  func fail(_ error: any Error) { state.withLock { if $0.error == nil { $0.error = error } } }

  /// Room for the vectors of a block, made when first asked for.
  func rows(of block: Int, count: Int, width: Int) -> FloatBuffer {
    state.withLock {
      if let known = $0.rows[block] { return known }
      let made = FloatBuffer(count * width)
      $0.rows[block] = made
      return made
    }
  }

  /// A chunk is computed. Whoever completes a block hands it on, and those after it that are complete already.
  func finish(
    chunk images: Int, of block: Int, chunks: Int, _ range: Range<Int>, _ width: Int,
    _ progress: (@Sendable (Int) -> Void)?, _ ahead: BlocksAhead,
    _ sink: (Range<Int>, UnsafeBufferPointer<Float>) throws -> Void
  ) {
    state.withLock { state in
      state.imagesDone += images
      progress?(state.imagesDone)
      state.chunksDone[block, default: 0] += 1
      guard state.chunksDone[block] == chunks else { return }
      state.chunksDone[block] = nil
      state.complete[block] = range
      ahead.giveBack(block)
      while let range = state.complete.removeValue(forKey: state.next),
        let rows = state.rows.removeValue(forKey: state.next)
      {
        state.next += 1
        if state.error != nil { continue }
        do { try sink(range, UnsafeBufferPointer(start: rows.pointer, count: range.count * width)) } catch {
          state.error = error
        }
      }
    }
  }
}
