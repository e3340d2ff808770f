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

  static let maskTokenPath = "mask_token"

  /// Backbone, then head, then the vector that stands for hidden patches, in one layout.
  static func networks(
    _ configuration: DINO.Configuration, _ model: VisionTransformer.Configuration
  ) -> (backbone: VisionTransformer, head: ProjectionHead, maskToken: Range<Int>?, layout: ParameterLayout) {
    var layout = ParameterLayout()
    let backbone = VisionTransformer(model, appendingTo: &layout)
    let head = ProjectionHead(
      input: model.width, hidden: configuration.headHidden, bottleneck: configuration.headBottleneck,
      output: configuration.outputDimension, appendingTo: &layout)
    let token =
      configuration.masking(patchSize: model.patchSize) == nil
      ? nil : layout.append(Learner.maskTokenPath, [1, model.width])
    return (backbone, head, token, layout)
  }

  /// Bytes that a learner will take. - Complexity: that of laying it out; no page of it is touched.
  package static func bytes(
    _ configuration: DINO.Configuration, model: VisionTransformer.Configuration, threads: Int
  ) -> Int {
    let networks = networks(configuration, model)
    let scratch = LaneScratch(
      configuration, backbone: networks.backbone, head: networks.head, images: imagesAtOnce(configuration, model))
    // Student, teacher, gradients and their sum, two moments; of packed words, both ways of the student's and one of the teacher's.
    let parameters = (5 + lanes) * 4 * networks.layout.count
    let packed = 3 * configuration.precision.bytes * networks.layout.count
    let features = 4 * configuration.batchSize * model.width * 4
    let targets = 2 * configuration.batchSize * (1 + scratch.patchesAtMost) * configuration.outputDimension * 4
    let views = TeacherViews.bytes(batch: configuration.batchSize, width: model.width)
    return parameters + packed + features + targets + views + threads * scratch.bytes
  }
}
