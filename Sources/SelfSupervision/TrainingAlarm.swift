/// What can be wrong with a training run. `AlarmRules` says by which signs it is known.
public enum TrainingAlarm: String, Codable, Hashable, Sendable, CaseIterable {
  case learningRateTooHigh = "learning_rate_too_high"
  /// The teacher says the same of every image: that it may be anything.
  case collapseToUniform = "collapse_to_uniform"
  /// The teacher says the same of every image: one prototype; or its features differ in one direction only.
  case collapseToOne = "collapse_to_one"
  case tooFewImages = "too_few_images"
  case tooFewSteps = "too_few_steps"
  case headTooWide = "head_too_wide"

  /// In words.
  public var name: String {
    switch self {
    case .learningRateTooHigh: "learning rate too high"
    case .collapseToUniform: "collapse to uniform"
    case .collapseToOne: "collapse to one answer"
    case .tooFewImages: "too few images"
    case .tooFewSteps: "too few steps"
    case .headTooWide: "head too wide"
    }
  }

  /// What to do, in terms of the recipe's parameters.
  public var advice: String {
    switch self {
    case .learningRateTooHigh: "Lower lr to a tenth, or lengthen warmup_epochs."
    case .collapseToUniform: "Set teacher_temp well below student_temp, such as 0.04 to 0.1."
    case .collapseToOne:
      "Set center_momentum to 0.9 or centering to sinkhorn_knopp, teacher_temp to 0.04, koleo_loss_weight to 0.1."
    case .tooFewImages:
      "Add images, or lower batch_size to an eighth of them; with less than a hundred, import trained weights instead."
    case .tooFewSteps: "Raise epochs, or leave it at auto; a smaller batch_size makes more steps of an epoch."
    case .headTooWide: "Lower out_dim, at least to twice the number of images."
    }
  }
}

/// An alarm, when it was raised, and what was seen.
public struct RaisedAlarm: Codable, Hashable, Sendable, CustomStringConvertible {
  public let alarm: TrainingAlarm
  /// From 0: the first after which its signs were there.
  public let step: Int
  /// What was seen, with its numbers; a sentence.
  public let finding: String

  public init(_ alarm: TrainingAlarm, step: Int, finding: String) {
    self.alarm = alarm
    self.step = step
    self.finding = finding
  }

  /// Name, step counted from 1, finding and advice.
  public var description: String { "\(alarm.name) (step \(step + 1)): \(finding) \(alarm.advice)" }
}
