import Kernels
import Tensors

/// Patches to vectors: a convolution whose stride is its size, done as a gathering of patches and a product.
struct PatchEmbedding: Sendable {
  let projection: Linear
  let channels: Int
  let patchSize: Int
  /// Numbers in a patch.
  var patchCount: Int { channels * patchSize * patchSize }
  var stride: Int { operandStride(patchCount) }

  init(_ path: String, _ configuration: VisionTransformer.Configuration, in layout: inout ParameterLayout) {
    (channels, patchSize) = (configuration.channels, configuration.patchSize)
    projection = Linear(
      path + ".proj", inputs: channels * patchSize * patchSize, outputs: configuration.width,
      shape: [configuration.width, channels, patchSize, patchSize], in: &layout)
  }

  /// The vectors of some patches of one image [channels, side, side], counted row by row.
  /// - Parameters:
  ///   - patches: receives them as operands, [part.count, stride].
  ///   - edge: what becomes of the vectors; its places are those of the first.
  func forward(
    _ image: UnsafePointer<Float>, side: Int, part: Range<Int>, weights: PackedWeights,
    patches: UnsafeMutableRawPointer, edge: product_edge
  ) {
    gather_patches(
      patches, weights.precision.number, stride, image, channels, side, patchSize, part.lowerBound, part.upperBound)
    projection.forward(patches, stride: stride, rows: part.count, weights: weights, edge: edge, as: .embedding)
  }

  /// Adds the gradient of the weights, given dy, [rows, width], and the patches, [rows, stride].
  /// - Parameter dPatches: [rows, patchCount] f32, written; nil where nobody asks for the pixels' gradient.
  func backward(
    _ dy: UnsafeMutableRawPointer, rows: Int, weights: PackedWeights, patches: UnsafeMutableRawPointer,
    scratch: PackScratch, adding gradient: UnsafeMutablePointer<Float>, dPatches: UnsafeMutablePointer<Float>?
  ) {
    projection.backward(
      dy, strideDY: projection.outputs, x: patches, strideX: stride, rows: rows, weights: weights,
      dx: dPatches.map { .sums(into: $0, stride: patchCount) }, scratch: scratch, adding: gradient,
      as: .embeddingBackward)
  }
}
