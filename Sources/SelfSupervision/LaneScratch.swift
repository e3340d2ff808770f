import Tensors
package import VisionModels

/// What one thread needs to take a few images at a time through teacher, student, loss and back; allocated once.
package final class LaneScratch: @unchecked Sendable {
  let images: Int
  let globals: FloatBuffer
  let locals: FloatBuffer
  let teacherTape: VisionTransformer.Tape
  let globalTape: VisionTransformer.Tape
  let localTape: VisionTransformer.Tape?
  let teacherHead: ProjectionHead.Tape
  let studentHead: ProjectionHead.Tape
  /// [crops, images, width], crop-major, then the hidden patches of the first crop's images, then of the second's; and the gradient with respect to it.
  let features: FloatBuffer
  let dFeatures: FloatBuffer
  let dLogits: FloatBuffer
  /// The sum of both globals' targets.
  let both: FloatBuffer
  /// The gradient of all tokens of global crops, where patches have one too.
  let dTokens: FloatBuffer?
  /// Hidden patches of one global crop at most.
  let patchesAtMost: Int
  /// Factors of the residual branches, [2 · depth, crops · images], for global and local crops.
  package let globalScales: FloatBuffer
  package let localScales: FloatBuffer
  package var bytes: Int {
    let floats = [globals, locals, features, dFeatures, dLogits, both, globalScales, localScales]
    return floats.reduce(0) { $0 + $1.bytes } + teacherTape.bytes + globalTape.bytes + (localTape?.bytes ?? 0)
      + (dTokens?.bytes ?? 0)
      + teacherHead.bytes + studentHead.bytes
  }

  package init(_ configuration: DINO.Configuration, backbone: VisionTransformer, head: ProjectionHead, images: Int) {
    let precision = configuration.precision
    let globalSide = configuration.globalCropSize
    let localSide = configuration.localCropSize
    let channels = backbone.configuration.channels
    let branches = 2 * backbone.configuration.depth
    let width = backbone.configuration.width
    let (crops, localCrops) = (configuration.crops, configuration.localCrops)
    self.images = images
    globals = FloatBuffer(2 * images * channels * globalSide * globalSide)
    locals = FloatBuffer(localCrops * images * channels * localSide * localSide)
    teacherTape = backbone.makeTape(images: 2 * images, side: globalSide, precision: precision, forTraining: false)
    globalTape = backbone.makeTape(
      images: 2 * images, side: globalSide, precision: precision, recomputes: configuration.recomputesActivations)
    localTape =
      localCrops == 0
      ? nil
      : backbone.makeTape(
        images: localCrops * images, side: localSide, precision: precision,
        recomputes: configuration.recomputesActivations)
    let masking = configuration.masking(patchSize: backbone.configuration.patchSize)
    patchesAtMost = masking?.most ?? 0
    let rows = (crops + 2 * patchesAtMost) * images
    teacherHead = head.makeTape(rows: (2 + 2 * patchesAtMost) * images, precision, forTraining: false)
    studentHead = head.makeTape(rows: rows, precision)
    features = FloatBuffer(rows * width)
    dFeatures = FloatBuffer(rows * width)
    dLogits = FloatBuffer(rows * head.output)
    both = FloatBuffer(head.output)
    dTokens = masking == nil ? nil : FloatBuffer(2 * images * globalTape.tokens * width)
    globalScales = FloatBuffer(branches * 2 * images)
    localScales = FloatBuffer(branches * localCrops * images)
  }

  /// Draws stochastic depth (Huang et al. 2016) for every crop of the images: each residual branch is skipped with its block's probability,
  /// and what stays is scaled up so that the mean stays.
  package func drawScales(_ positions: Range<Int>, _ source: any CropSource, localCrops: Int, depth: Int, rate: Double)
  {
    let n = positions.count
    for (i, position) in positions.enumerated() {
      let seed = source.seed(position).split("residual branches")
      for crop in 0..<2 + localCrops {
        var generator = seed.split(crop).generator()
        let (target, column, columns) =
          crop < 2 ? (globalScales, crop * n + i, 2 * n) : (localScales, (crop - 2) * n + i, localCrops * n)
        for branch in 0..<2 * depth {
          let probability = depth == 1 ? rate : rate * Double(branch / 2) / Double(depth - 1)
          target.pointer[branch * columns + column] = generator.chance(probability) ? 0 : Float(1 / (1 - probability))
        }
      }
    }
  }
}
