import Kernels

/// DINO's loss: the cross-entropy between what the teacher says of one global crop and the student of every other crop.
///
/// For an image with V crops, the first two of them global:
///
///     L = 1/(2(V−1)) · Σ_{u ∈ globals} Σ_{v ≠ u} − Σ_k P_t(u)_k · log P_s(v)_k
///     P_t(u) = softmax((t(u) − c)/τ_t),   P_s(v) = softmax(s(v)/τ_s)
///
/// and the mean over a batch (arXiv 2104.14294, algorithm 1). No gradient flows through the teacher.
package struct DistillationLoss: Sendable {
  package let crops: Int
  package let output: Int
  package let studentTemperature: Float

  package init(crops: Int, output: Int, studentTemperature: Float) {
    self.crops = crops
    self.output = output
    self.studentTemperature = studentTemperature
  }

  /// Sums over images, not means: whoever has all of a batch divides.
  package struct Sums: Sendable {
    package var loss = 0.0
    /// Over both globals of each image, in nats.
    package var teacherEntropy = 0.0
    package var images = 0

    package init() {}

    package mutating func add(_ other: Sums) {
      loss += other.loss
      teacherEntropy += other.teacherEntropy
      images += other.images
    }
  }

  /// The loss of `images` images and its gradient with respect to the student's logits, divided by `batch` for the mean.
  /// - Parameters:
  ///   - teacher: logits [2, images, output], crop-major. student: [crops, images, output], crop-major. center: [output].
  ///   - targets: scratch [3, output].
  ///   - gradient: [crops, images, output].
  package func evaluate(
    teacher: UnsafePointer<Float>, student: UnsafePointer<Float>, center: UnsafePointer<Float>,
    teacherTemperature: Float,
    images: Int, batch: Int, targets: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Sums {
    var sums = Sums()
    let terms = Double(2 * (crops - 1))
    let scale = Float(1 / (terms * Double(batch) * Double(studentTemperature)))
    let (first, second, both) = (targets, targets + output, targets + 2 * output)
    for image in 0..<images {
      let entropy1 = dino_soft_target(teacher + image * output, center, output, 1 / teacherTemperature, first)
      let entropy2 = dino_soft_target(
        teacher + (images + image) * output, center, output, 1 / teacherTemperature, second)
      both.update(from: first, count: output)
      axpby(both, second, output, 1, 1)
      var loss = 0.0
      for crop in 0..<crops {
        // A crop is never its own target: the first global answers to the second, the second to the first, locals to both.
        let target = crop == 0 ? second : crop == 1 ? first : both
        let row = (crop * images + image) * output
        loss += dino_cross_entropy(
          student + row, target, output, crop < 2 ? 1 : 2, 1 / studentTemperature, scale, gradient + row)
      }
      sums.loss += loss / terms
      sums.teacherEntropy += 0.5 * (entropy1 + entropy2)
      sums.images += 1
    }
    return sums
  }
}
