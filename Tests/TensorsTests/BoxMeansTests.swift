import Tensors
import Testing

struct BoxMeansTests {
  @Test(arguments: [1, 2, 3, 6])
  func eachBoxIsTheMeanOfItsPixels(_ size: Int) {
    let plane = (0..<36).map { Float($0 * $0 % 23) }
    var means = [Float](repeating: .nan, count: size * size)
    boxMeans(of: plane, side: 6, to: size, into: &means)
    let box = 6 / size
    for y in 0..<size {
      for x in 0..<size {
        let pixels = (0..<box * box).map { plane[(y * box + $0 / box) * 6 + x * box + $0 % box] }
        #expect(means[y * size + x] == pixels.reduce(0, +) / Float(box * box))
      }
    }
  }
}
