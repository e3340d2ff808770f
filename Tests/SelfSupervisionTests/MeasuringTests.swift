import SelfSupervision
import Tensors
import Testing
import VisionModels

struct MeasuringTests {
  @Test func meanAndDeviationOfEachChannel() {
    // Two images of two pixels: red 0, 255, 255, 255; green always 51; blue 0, 0, 0, 102.
    let stack = PixelStack(
      count: 2, channels: 3, height: 1, width: 2, samples: .bits8([0, 255, 51, 51, 0, 0, 255, 255, 51, 51, 0, 102]))
    let measured = Standardization.measured(on: stack)
    #expect(zip(measured.mean, [0.75, 0.2, 0.1]).allSatisfy { abs($0 - $1) < 1e-6 })
    let expected: [Float] = [Float(0.1875).squareRoot(), 1 / 255, Float(0.03).squareRoot()]
    #expect(zip(measured.deviation, expected).allSatisfy { abs($0 - $1) < 1e-5 })
  }
}
