import Foundation
import Kernels
import SelfSupervision
import Tensors
import TestSupport
import Testing

struct LossTests {
  private static let tolerance = 2e-6

  private func evaluate(
    teacher: [Float], student: [Float], center: [Float], crops: Int, images: Int, teacherTemperature: Float,
    studentTemperature: Float
  ) -> (loss: Double, teacherEntropy: Double, gradient: [Float]) {
    let outputs = center.count
    let loss = DistillationLoss(crops: crops, output: outputs, studentTemperature: studentTemperature)
    var targets = teacher
    var gradient = [Float](repeating: 0, count: student.count)
    var both = center
    var entropy = 0.0
    let sum = targets.withUnsafeMutableBufferPointer { rows in
      for row in 0..<2 * images {
        teacher.withUnsafeBufferPointer {
          entropy += dino_soft_target(
            $0.baseAddress! + row * outputs, center, outputs, 1 / teacherTemperature, rows.baseAddress! + row * outputs)
        }
      }
      return loss.evaluate(
        first: rows.baseAddress!, second: rows.baseAddress! + images * outputs, student: student, images: images,
        batch: images, both: &both, gradient: &gradient)
    }
    return (sum / Double(images), entropy / Double(2 * images), gradient)
  }

  /// The formula of the paper, term by term, in 64 bits.
  private func naive(
    teacher: [Double], student: [Double], center: [Double], crops: Int, images: Int, teacherTemperature: Double,
    studentTemperature: Double
  ) -> (loss: Double, entropy: Double) {
    func logSoftmax(_ x: [Double]) -> [Double] {
      let top = x.max()!
      let sum = x.reduce(0) { $0 + exp($1 - top) }
      return x.map { $0 - top - log(sum) }
    }
    let k = center.count
    var loss = 0.0
    var entropy = 0.0
    for image in 0..<images {
      for u in 0..<2 {
        let row = (u * images + image) * k
        let target = logSoftmax((0..<k).map { (teacher[row + $0] - center[$0]) / teacherTemperature })
        entropy -= target.reduce(0) { $0 + exp($1) * $1 }
        for v in 0..<crops where v != u {
          let row = (v * images + image) * k
          let says = logSoftmax((0..<k).map { student[row + $0] / studentTemperature })
          for i in 0..<k { loss -= exp(target[i]) * says[i] }
        }
      }
    }
    return (loss / Double(images * 2 * (crops - 1)), entropy / Double(2 * images))
  }

  @Test func handComputedCase() {
    let result = evaluate(
      teacher: [1, 2, 0.5, -1, 0.2, -0.3, 1.2, 0.7], student: [0.9, 1.8, 0.4, -0.7, 0.1, -0.1, 1, 0.6, 0.5, 1, 0.3, 0],
      center: [0.1, 0.2, 0.3, -0.1], crops: 3, images: 1, teacherTemperature: 0.04, studentTemperature: 0.1)
    #expect(abs(result.loss - 8.27393945) < 8.27 * LossTests.tolerance)
  }

  @Test func lossAndGradientEqualTheFormula() {
    var generator = Seed(4).generator()
    withEvery("outputs", in: [2, 15, 16, 33, 100]) { outputs in
      withEvery("crops", in: 2...5) { crops in
        let images = 3
        func draw(_ count: Int) -> [Float] { (0..<count).map { _ in Float(generator.normal()) * 0.3 } }
        let (teacher, student, center) = (draw(2 * images * outputs), draw(crops * images * outputs), draw(outputs))
        let result = evaluate(
          teacher: teacher, student: student, center: center, crops: crops, images: images, teacherTemperature: 0.07,
          studentTemperature: 0.1)
        func twin(_ student: [Double]) -> (loss: Double, entropy: Double) {
          naive(
            teacher: teacher.map { Double($0) }, student: student, center: center.map { Double($0) }, crops: crops,
            images: images, teacherTemperature: Double(Float(0.07)), studentTemperature: Double(Float(0.1)))
        }
        let exact = student.map { Double($0) }
        let expected = twin(exact)
        #expect(abs(result.loss - expected.loss) < LossTests.tolerance * expected.loss)
        #expect(abs(result.teacherEntropy - expected.entropy) < LossTests.tolerance * 5)
        let differences = student.indices.map { i -> Float in
          var moved = exact
          moved[i] += 1e-5
          let up = twin(moved).loss
          moved[i] -= 2e-5
          return Float((up - twin(moved).loss) / 2e-5)
        }
        #expect(normalizedError(result.gradient, differences) < 1e-5, "\(outputs) outputs, \(crops) crops")
      }
    }
  }

  @Test func hugeLogitsStayFinite() {
    let large: [Float] = (0..<20).map { $0 % 3 == 0 ? 1e6 : -1e6 }
    let result = evaluate(
      teacher: large + large, student: large + large + large, center: [Float](repeating: 0, count: 20), crops: 3,
      images: 1,
      teacherTemperature: 0.04, studentTemperature: 0.1)
    #expect(abs(result.loss - log(7.0)) < 1e-5)
    #expect(result.gradient.allSatisfy { $0.isFinite })
  }

  @Test func equalOutputsCostTheLogarithmOfTheirNumber() {
    withEvery("outputs", in: [4096, 8192, 65536]) { outputs in
      let zeros = [Float](repeating: 0, count: 3 * outputs)
      let result = evaluate(
        teacher: Array(zeros.prefix(2 * outputs)), student: zeros, center: Array(zeros.prefix(outputs)), crops: 3,
        images: 1, teacherTemperature: 0.04, studentTemperature: 0.1)
      #expect(abs(result.loss - log(Double(outputs))) < 1e-5)
      #expect(abs(result.teacherEntropy - log(Double(outputs))) < 1e-5)
    }
  }
}
