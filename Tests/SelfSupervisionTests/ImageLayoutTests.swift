import SelfSupervision
import Tensors
import Testing

struct ImageLayoutTests {
  private let workers = WorkerPool(threads: 2)

  private func stack(_ images: [[Float]], side: Int) -> PixelStack {
    PixelStack(
      count: images.count, channels: 1, height: side, width: side,
      samples: .bits8(images.joined().map { UInt8(min(max(255 * $0, 0), 255)) }))
  }

  /// A bright spot a quarter of the way down, drawn anew each time, on a grey that differs from image to image.
  @Test func aSpotInOnePlaceIsALayout() {
    var generator = Seed(3).generator()
    let images = (0..<40).map { _ in
      let grey = Float(generator.uniform()) / 2
      return (0..<1024).map { place in
        let (y, x) = (Float(place / 32), Float(place % 32))
        let spot = (y - 8) * (y - 8) + (x - 16) * (x - 16) < 30 ? Float(0.4) : 0
        return grey + spot + 0.1 * Float(generator.uniform())
      }
    }
    let layout = ImageLayout(of: stack(images, side: 32), workers: workers)
    #expect(layout.ratio < 0.3 && layout.isShared)
  }

  @Test func noiseHasNone() {
    var generator = Seed(4).generator()
    let images = (0..<60).map { _ in (0..<576).map { _ in Float(generator.uniform()) } }
    let layout = ImageLayout(of: stack(images, side: 24), workers: workers)
    #expect(abs(layout.ratio - 1) < 0.05 && !layout.isShared)
  }

  @Test func blankAndSingleImagesHaveNone() {
    #expect(ImageLayout(of: stack([[Float](repeating: 0.5, count: 256)], side: 16), workers: workers).ratio == 1)
    let blank = [[Float]](repeating: [Float](repeating: 0.3, count: 256), count: 30)
    #expect(ImageLayout(of: stack(blank, side: 16), workers: workers).ratio == 1)
    // Fewer pixels than cells.
    #expect(ImageLayout(of: stack(blank.map { Array($0.prefix(16)) }, side: 4), workers: workers).ratio == 1)
  }

  /// Distances by a double loop over images turned pixel by pixel.
  @Test func theRatioIsThatOfThePlainComputation() {
    var generator = Seed(6).generator()
    let images = (0..<17).map { _ in
      let tilt = Float(generator.uniform())
      return (0..<256).map { place -> Float in
        let slope = Float(place / 16) / 40 + tilt * Float(place % 16) / 40
        return min(slope + 0.2 * Float(generator.uniform()), 1)
      }
    }
    let stack = stack(images, side: 16)
    func read(_ image: Int) -> [Float] {
      var pixels = [Float](repeating: 0, count: 768)
      stack.read(image, into: &pixels)
      return Array(pixels[..<256])
    }
    func turned(_ pixels: [Float], _ turns: Int) -> [Float] {
      (0..<turns).reduce(pixels) { image, _ in (0..<256).map { image[$0 % 16 * 16 + 15 - $0 / 16] } }
    }
    func cells(_ pixels: [Float]) -> [Double] {
      let means = (0..<64).map { cell in
        (0..<4).reduce(0.0) { $0 + Double(pixels[(cell / 8 * 2 + $1 / 2) * 16 + cell % 8 * 2 + $1 % 2]) } / 4
      }
      let middle = means.reduce(0, +) / 64
      let length = means.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }.squareRoot()
      return means.map { ($0 - middle) / length }
    }
    let plain = (0..<17).map { cells(read($0)) }
    func distance(_ turns: Int) -> Double {
      (0..<17).reduce(0) { sum, image in
        let own = cells(turned(read(image), turns))
        let others = plain.indices.filter { $0 != image }.map { other in
          zip(own, plain[other]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
        return sum + others.min()!
      }
    }
    let wanted = distance(0) / ((distance(1) + distance(2) + distance(3)) / 3)
    #expect(abs(ImageLayout(of: stack, workers: workers).ratio - wanted) < 1e-4)
    #expect(ImageLayout(of: stack, workers: WorkerPool(threads: 1)) == ImageLayout(of: stack, workers: workers))
  }
}
