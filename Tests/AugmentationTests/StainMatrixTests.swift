import Augmentation
import Foundation
import Tensors
import TestSupport
import Testing

struct StainMatrixTests {
  private static let tolerance = 1e-5

  private func changed(_ image: [Int], _ change: CropParameters.Concentrations?) -> [Float] {
    let stack = PixelStack(
      count: 1, channels: 3, height: 16, width: 16, samples: .bits16(image.map { UInt16($0) }))
    let augmenter = Augmenter(
      preset: .none, mean: [0, 0, 0], deviation: [1, 1, 1], height: 16, width: 16, largestSide: 16)
    augmenter.load(stack, 0)
    var parameters = CropParameters(box: CropBox(left: 0, top: 0, width: 16, height: 16))
    parameters.concentrations = change
    var target = [Float](repeating: .nan, count: 3 * 256)
    augmenter.crop(parameters, side: 16, into: &target)
    return target
  }

  @Test func equalsLeastSquares() throws {
    let fixture = try Fixture("Augmentation/stains")
    let image = fixture.integers("image")
    let changes: [(Float, Float, Float, Float)] = [
      (1.3, 0, 0.7, 0), (0.7, 0.04, 1.2, -0.03), (1, 0.05, 1, 0), (1, 0, 1, 0),
    ]
    for (index, values) in changes.enumerated() {
      var change = CropParameters.Concentrations()
      (change.haematoxylinScale, change.haematoxylinShift) = (values.0, values.1)
      (change.eosinScale, change.eosinShift) = (values.2, values.3)
      let error = normalizedError(changed(image, change), fixture.floats("changed\(index)"))
      #expect(error < StainMatrixTests.tolerance, "\(values): \(error)")
    }
  }

  @Test func noChangeChangesNothing() throws {
    let image = try Fixture("Augmentation/stains").integers("image")
    #expect(normalizedError(changed(image, .init()), changed(image, nil)) < 2e-6)
  }

  /// More of a stain darkens along its own direction and leaves glass alone.
  @Test func glassStaysWhiteAndBlackStaysBlack() {
    var change = CropParameters.Concentrations()
    change.haematoxylinScale = 1.3
    change.eosinScale = 0.7
    let white = changed([Int](repeating: 65535, count: 768), change)
    #expect(white.allSatisfy { $0 == 1 })
    // Half a level of red, so that there is colour to change.
    let black = changed([Int](repeating: 128, count: 256) + [Int](repeating: 0, count: 512), change)
    #expect(black.allSatisfy { $0 >= 0 && $0 < 0.02 })
  }
}
