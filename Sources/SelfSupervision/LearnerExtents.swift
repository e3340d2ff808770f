package import VisionModels

/// What a learner is made of, and the memory it takes.
extension Learner {
  /// Images a lane takes at a time: so many that the gradient of the weights, which every pass reads and writes once, is worth it, and that
  /// the activations of a pass stay small. Measured, see `Documentation/Performance.md`.
  static func imagesAtOnce(_ configuration: DINO.Configuration, _ model: VisionTransformer.Configuration)
    -> Int
  {
    let grid = configuration.globalCropSize / model.patchSize
    return min(max(1040 / (2 * (model.prefixTokens + grid * grid)), 1), 8)
  }

  /// Backbone, then head, in one layout.
  static func networks(
    _ configuration: DINO.Configuration, _ model: VisionTransformer.Configuration
  ) -> (VisionTransformer, ProjectionHead) {
    var layout = ParameterLayout()
    let backbone = VisionTransformer(model, appendingTo: &layout)
    let head = ProjectionHead(
      input: model.width, hidden: configuration.headHidden, bottleneck: configuration.headBottleneck,
      output: configuration.outputDimension, appendingTo: &layout)
    return (backbone, head)
  }

  /// Bytes that a learner will take. - Complexity: that of laying it out; no page of it is touched.
  package static func bytes(
    _ configuration: DINO.Configuration, model: VisionTransformer.Configuration, threads: Int
  ) -> Int {
    let (backbone, head) = networks(configuration, model)
    let scratch = LaneScratch(
      configuration, backbone: backbone, head: head, images: imagesAtOnce(configuration, model))
    // Student, teacher, gradients and their sum, two moments; of packed words, both ways of the student's and one of the teacher's.
    let parameters = (5 + lanes) * 4 * head.layout.count
    let packed = 3 * configuration.precision.bytes * head.layout.count
    let features = 4 * configuration.batchSize * model.width * 4
    return parameters + packed + features + threads * scratch.bytes
  }
}
