import SelfSupervision
import Tensors
import TestSupport
import Testing
import VisionModels

struct LaneScratchTests {
  private struct Seeds: CropSource {
    func fillGlobals(_ positions: Range<Int>, worker: Int, into globals: UnsafeMutablePointer<Float>) {}
    func fillLocals(_ positions: Range<Int>, worker: Int, into locals: UnsafeMutablePointer<Float>) {}

    func seed(_ position: Int) -> Seed { Seed(3).split(position) }
  }

  /// Skipping grows with depth, keeps the mean, and belongs to the image, not to its place in a chunk.
  @Test func skippedBranchesKeepTheMean() {
    var configuration = DINO.Configuration()
    (configuration.globalCropSize, configuration.localCropSize, configuration.localCrops) = (8, 4, 3)
    (configuration.outputDimension, configuration.headHidden, configuration.headBottleneck) = (8, 8, 4)
    let model = VisionTransformer(.init(imageSize: 8, patchSize: 4, width: 8, depth: 3, heads: 1))
    var layout = ParameterLayout()
    let head = ProjectionHead(input: 8, hidden: 8, bottleneck: 4, output: 8, appendingTo: &layout)
    let scratch = LaneScratch(configuration, backbone: model, head: head, images: 2000)
    scratch.drawScales(0..<2000, Seeds(), localCrops: 3, depth: 3, rate: 0.5)
    let whole = scratch.localScales.values
    for branch in 0..<6 {
      let probability: Float = [0, 0.25, 0.5][branch / 2]
      let row = whole[branch * 6000..<(branch + 1) * 6000]
      #expect(row.allSatisfy { $0 == 0 || abs($0 - 1 / (1 - probability)) < 1e-6 })
      #expect(abs(row.reduce(0, +) / 6000 - 1) < 0.06, "branch \(branch)")
    }
    scratch.drawScales(7..<9, Seeds(), localCrops: 3, depth: 3, rate: 0.5)
    for branch in 0..<6 {
      for crop in 0..<3 {
        for i in 0..<2 {
          #expect(
            scratch.localScales.pointer[branch * 6 + crop * 2 + i] == whole[branch * 6000 + crop * 2000 + 7 + i])
        }
      }
    }
  }
}
