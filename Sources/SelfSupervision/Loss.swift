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
  /// What the gradient is multiplied by; the loss is told without it.
  package let weight: Double

  package init(crops: Int, output: Int, studentTemperature: Float, weight: Double = 1) {
    self.crops = crops
    self.output = output
    self.studentTemperature = studentTemperature
    self.weight = weight
  }

  /// The loss of `images` images and the gradient of `weight` times it with respect to the student's logits, divided by `batch` for the mean.
  /// - Parameters:
  ///   - first, second: what the teacher says of the two globals, distributions [images, output].
  ///   - student: logits [crops, images, output], crop-major.
  ///   - both: scratch [output].
  ///   - gradient: [crops, images, output].
  /// - Returns: the loss summed over the images, not weighted.
  package func evaluate(
    first: UnsafePointer<Float>, second: UnsafePointer<Float>, student: UnsafePointer<Float>, images: Int, batch: Int,
    both: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    var sum = 0.0
    let terms = Double(2 * (crops - 1))
    let scale = Float(weight / (terms * Double(batch) * Double(studentTemperature)))
    for image in 0..<images {
      let (target1, target2) = (first + image * output, second + image * output)
      both.update(from: target1, count: output)
      axpby(both, target2, output, 1, 1)
      var loss = 0.0
      for crop in 0..<crops {
        // A crop is never its own target: the first global answers to the second, the second to the first, locals to both.
        let target = crop == 0 ? target2 : crop == 1 ? target1 : UnsafePointer(both)
        let row = (crop * images + image) * output
        loss += dino_cross_entropy(
          student + row, target, output, crop < 2 ? 1 : 2, 1 / studentTemperature, scale, gradient + row)
      }
      sum += loss / terms
    }
    return sum
  }
}

/// iBOT's loss: of each hidden patch the student must say what the teacher, which sees it, says (Zhou et al. 2022, arXiv 2111.07832):
///
///     L = 1/(2·batch) · Σ_{global crops} 1/|M| · Σ_{p ∈ M} − Σ_k P_t(p)_k · log P_s(p)_k
///
/// Crops of which nothing is hidden count in the mean, as in DINOv2, and add nothing.
struct MaskedPatchLoss: Sendable {
  let output: Int
  let studentTemperature: Float
  let weight: Double

  /// One crop's share of the loss, not weighted, and the gradient of `weight` times it, both divided as above.
  /// - Parameters:
  ///   - targets: distributions, `count` rows of `output`. student: logits likewise. gradient: likewise, written.
  func evaluate(
    targets: UnsafePointer<Float>, student: UnsafePointer<Float>, count: Int, batch: Int,
    gradient: UnsafeMutablePointer<Float>
  ) -> Double {
    let share = 1 / (2 * Double(batch) * Double(count))
    let scale = Float(weight * share / Double(studentTemperature))
    var loss = 0.0
    for patch in 0..<count {
      let row = patch * output
      loss += dino_cross_entropy(
        student + row, targets + row, output, 1, 1 / studentTemperature, scale, gradient + row)
    }
    return loss * share
  }
}
