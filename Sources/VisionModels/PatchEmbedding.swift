import Kernels

/// Patches to vectors: a convolution whose stride is its size, done as a gathering of patches and a product.
struct PatchEmbedding: Sendable {
  let projection: Linear
  let channels: Int
  let patchSize: Int
  /// Numbers in a patch.
  var patchCount: Int { channels * patchSize * patchSize }

  init(_ path: String, _ configuration: VisionTransformer.Configuration, in layout: inout ParameterLayout) {
    (channels, patchSize) = (configuration.channels, configuration.patchSize)
    projection = Linear(
      path + ".proj", inputs: channels * patchSize * patchSize, outputs: configuration.width,
      shape: [configuration.width, channels, patchSize, patchSize], in: &layout)
  }

  /// images is [count, channels, side, side]; fills `patches`, [count · grid², channels · patch²], and y, [count · grid², width].
  func forward(
    _ images: UnsafePointer<Float>, count: Int, side: Int, parameters: UnsafePointer<Float>,
    patches: UnsafeMutablePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    gather_patches(patches, images, count, channels, side, patchSize)
    projection.forward(patches, rows: rows(count, side), parameters: parameters, into: y)
  }

  /// Adds the gradient of the weights; pixels need none.
  func backward(
    _ dy: UnsafePointer<Float>, count: Int, side: Int, parameters: UnsafePointer<Float>,
    patches: UnsafePointer<Float>, adding gradient: UnsafeMutablePointer<Float>
  ) {
    projection.backward(
      dy, x: patches, rows: rows(count, side), parameters: parameters, dx: nil, adding: gradient)
  }

  private func rows(_ count: Int, _ side: Int) -> Int { count * (side / patchSize) * (side / patchSize) }
}
