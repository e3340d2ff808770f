import Augmentation
import Foundation
import Tensors
import TestSupport
import Testing

struct CropBoxTests {
  @Test func everyBoxLiesInside() {
    var generator = Seed(1).generator()
    withEvery("height", in: [1, 2, 7, 64]) { height in
      withEvery("width", in: [1, 3, 64, 200]) { width in
        for _ in 0..<50 {
          let box = CropBox.random(
            height: height, width: width, scale: 0.05...1, aspect: 3.0 / 4...4.0 / 3, &generator)
          #expect(box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0)
          #expect(box.left + box.width <= width && box.top + box.height <= height, "\(box) in \(height) × \(width)")
        }
      }
    }
  }

  @Test func areaAndShapeStayInTheirRanges() {
    var generator = Seed(2).generator()
    var areas = 0.0
    var shapes = 0.0
    let n = 5000
    for _ in 0..<n {
      let box = CropBox.random(height: 400, width: 400, scale: 0.1...0.4, aspect: 3.0 / 4...4.0 / 3, &generator)
      let area = Double(box.width * box.height) / 160_000
      let shape = Double(box.width) / Double(box.height)
      #expect(area > 0.098 && area < 0.402)
      #expect(shape > 0.74 && shape < 1.35)
      areas += area
      shapes += log(shape)
    }
    #expect(abs(areas / Double(n) - 0.25) < 0.005)
    #expect(abs(shapes / Double(n)) < 0.01)
  }

  @Test func misfitsFallBackToTheCentre() {
    var generator = Seed(3).generator()
    let box = CropBox.random(height: 100, width: 10, scale: 1...1, aspect: 3.0 / 4...4.0 / 3, &generator)
    #expect(box == CropBox(left: 0, top: 43, width: 10, height: 13))
  }
}
