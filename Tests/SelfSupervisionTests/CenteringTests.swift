import SelfSupervision
import TestSupport
import Testing
import VisionModels

struct CenteringTests {
  @Test func handComputedCase() {
    let centering = Centering(output: 4, momentum: 0.9)
    let mean = FloatBuffer(4)
    for (i, value) in ([0.1, 0.2, 0.3, -0.1] as [Float]).enumerated() { centering.center.pointer[i] = value }
    let (first, second): ([Float], [Float]) = ([1, 2, 0.5, -1], [0.2, -0.3, 1.2, 0.7])
    for i in 0..<4 { mean.pointer[i] = (first[i] + second[i]) / 2 }
    centering.update(mean: mean)
    #expect(normalizedError(centering.center.values, [0.15, 0.265, 0.355, -0.105]) < 1e-6)
  }
}
