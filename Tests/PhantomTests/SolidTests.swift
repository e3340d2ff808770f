import Phantom
import Tensors
import TestSupport
import Testing

struct SolidTests {
  /// Lengths are computed in 32 bits; the reference sums steps of `step` millimetres.
  private static let step = 0.005

  @Test func aRayThroughTheMiddleOfABallIsItsDiameter() {
    let ball = Solid(
      .ellipsoid, centre: SIMD3(3, -2, 9), axes: (SIMD3(5, 0, 0), SIMD3(0, 5, 0), SIMD3(0, 0, 5)))
    #expect(abs(ball.chord(x: 3, y: -2) - 10) < 1e-4)
    #expect(abs(ball.chord(x: 6, y: -2) - 8) < 1e-4)  // 3-4-5
    #expect(ball.chord(x: 8.1, y: -2) == 0)
  }

  @Test func aRayAlongACylinderIsItsLengthAndAcrossItIsItsWidth() {
    let along = Solid(
      .cylinder, centre: .zero, axes: (SIMD3(2, 0, 0), SIMD3(0, 2, 0), SIMD3(0, 0, 7)))
    #expect(abs(along.chord(x: 1, y: 1) - 14) < 1e-4)
    #expect(along.chord(x: 1.5, y: 1.5) == 0)
    let across = Solid(
      .cylinder, centre: .zero, axes: (SIMD3(0, 0, 2), SIMD3(0, 2, 0), SIMD3(7, 0, 0)))
    #expect(abs(across.chord(x: 6.9, y: 0) - 4) < 1e-4)
    #expect(across.chord(x: 7.1, y: 0) == 0)
  }

  /// Any affine image of a ball or a cylinder, against steps along the ray that ask whether they are inside.
  @Test func lengthsAgreeWithStepsAlongTheRay() {
    withEvery("shape", in: [Solid.Shape.ellipsoid, .cylinder]) { shape in
      withEvery("seed", in: 0..<40) { seed in
        var random = Seed(UInt64(seed)).split("\(shape)").generator()
        func vector() -> SIMD3<Double> { SIMD3(random.normal(), random.normal(), random.normal()) * 3 }
        let axes = (vector() + SIMD3(4, 0, 0), vector() + SIMD3(0, 4, 0), vector() + SIMD3(0, 0, 4))
        let solid = Solid(shape, centre: vector(), axes: axes)
        let x = random.uniform(-5...5)
        let y = random.uniform(-5...5)
        var inside = 0
        for k in -8000..<8000 where solid.contains(SIMD3(x, y, (Double(k) + 0.5) * SolidTests.step)) { inside += 1 }
        let reference = Double(inside) * SolidTests.step
        #expect(abs(solid.chord(x: x, y: y) - reference) < 2.5 * SolidTests.step, "\(shape) \(seed)")
      }
    }
  }
}
