import Kernels
import VisionModels

/// The running average of the student, head included: θ_t = λ·θ_t + (1 − λ)·θ_s after every step.
final class Teacher: @unchecked Sendable {
  let parameters: ParameterBuffer

  /// Starts as the student's equal.
  init(of student: ParameterBuffer) { parameters = student.copy() }

  /// One range of the flat buffer; ranges may be done on different threads.
  func follow(_ student: ParameterBuffer, _ range: Range<Int>, momentum: Float) {
    ema(parameters.pointer + range.lowerBound, student.pointer + range.lowerBound, range.count, momentum)
  }
}
