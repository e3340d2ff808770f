import Augmentation
import Tensors

/// `bench augment`: DINO's crops of one grey image after another, 2 global and 8 local, on one core.
enum CropContest {
  static func serve(_ arguments: Arguments) throws {
    let (side, localSide) = (try arguments.integer("side"), try arguments.integer("local-side"))
    let extent = try arguments.integer("extent")
    let bytes = try Inputs.bytes(try arguments.text("images"), count: extent * extent)
    let stack = PixelStack(count: 1, channels: 1, height: extent, width: extent, samples: .bits8(bytes))
    let augmenter = Augmenter(
      preset: .natural, mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25], height: extent, width: extent,
      largestSide: side)
    var crop = [Float](repeating: 0, count: 3 * side * side)
    var generator = Seed(7).generator()
    func run(_ rounds: Int) {
      crop.withUnsafeMutableBufferPointer { crop in
        for _ in 0..<rounds {
          augmenter.load(stack, 0)
          for view in [AugmentationPreset.View.firstGlobal, .secondGlobal] {
            augmenter.crop(view, scale: 0.4...1, side: side, &generator, into: crop.baseAddress!)
          }
          for _ in 0..<8 {
            augmenter.crop(.local, scale: 0.05...0.4, side: localSide, &generator, into: crop.baseAddress!)
          }
        }
      }
    }
    run(2)
    // What can be compared of random work is its core: the whole image at the size of a global crop.
    try LineProtocol.serve(run: run) {
      augmenter.load(stack, 0)
      augmenter.crop(
        CropParameters(box: CropBox(left: 0, top: 0, width: extent, height: extent)), side: side, into: &crop)
      return Array(crop[..<(side * side)])
    }
  }
}
