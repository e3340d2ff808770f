import Tensors

/// A number that follows half a cosine from `base` to `final`, after a linear warm-up from 0 to `base`, both ends of the warm-up
/// included. Step `t` reads `schedule[t]` before it does anything.
public struct CosineSchedule: Hashable, Sendable {
  public let base: Double
  public let final: Double
  public let steps: Int
  public let warmupSteps: Int

  /// - Precondition: `0 <= warmupSteps <= steps`.
  public init(base: Double, final: Double, steps: Int, warmupSteps: Int = 0) {
    precondition(warmupSteps >= 0 && warmupSteps <= steps, "\(warmupSteps) of \(steps) steps are warm-up")
    self.base = base
    self.final = final
    self.steps = steps
    self.warmupSteps = warmupSteps
  }

  /// - Precondition: `0 <= step < steps`.
  public subscript(step: Int) -> Double {
    precondition(step >= 0 && step < steps, "step \(step) of \(steps)")
    if step < warmupSteps { return warmupSteps == 1 ? 0 : base * Double(step) / Double(warmupSteps - 1) }
    let share = Double(step - warmupSteps) / Double(steps - warmupSteps)
    return final + 0.5 * (base - final) * (1 + cosine(.pi * share))
  }
}

/// A number that rises linearly over the first epochs, both ends included, and then stays.
public struct LinearWarmup: Hashable, Sendable {
  public let start: Double
  public let end: Double
  public let epochs: Int

  public init(start: Double, end: Double, epochs: Int) {
    self.start = start
    self.end = end
    self.epochs = epochs
  }

  public subscript(epoch: Int) -> Double {
    if epoch >= epochs { return end }
    return epochs == 1 ? start : start + (end - start) * Double(epoch) / Double(epochs - 1)
  }
}

/// 0 for so many steps; then rising linearly to 1, reached in the last of `rise` steps.
public struct Thaw: Hashable, Sendable {
  public let steps: Int
  public let rise: Int

  public init(steps: Int, rise: Int) {
    self.steps = steps
    self.rise = rise
  }

  public subscript(step: Int) -> Double {
    step < steps ? 0 : min(Double(step - steps + 1) / Double(max(rise, 1)), 1)
  }
}

/// What DINO changes from step to step.
public struct Schedules: Hashable, Sendable {
  public let learningRate: CosineSchedule
  public let weightDecay: CosineSchedule
  public let teacherMomentum: CosineSchedule
  public let teacherTemperature: LinearWarmup
  /// Which share of the learning rate the backbone has: none while only the head learns, then a warm-up of its own.
  public let backboneShare: Thaw

  /// The schedules of a run of `configuration.epochs` epochs of `stepsPerEpoch` steps of `batch` images.
  public init(_ configuration: DINO.Configuration, stepsPerEpoch: Int, batch: Int) {
    let steps = configuration.epochs * stepsPerEpoch
    learningRate = CosineSchedule(
      base: configuration.peakLearningRate(batch: batch), final: configuration.finalLearningRate, steps: steps,
      warmupSteps: configuration.warmup * stepsPerEpoch)
    weightDecay = CosineSchedule(base: configuration.weightDecay, final: configuration.weightDecayEnd, steps: steps)
    teacherMomentum = CosineSchedule(base: configuration.startingMomentum(steps: steps), final: 1, steps: steps)
    teacherTemperature = LinearWarmup(
      start: configuration.warmupTeacherTemperature, end: configuration.teacherTemperature,
      epochs: configuration.temperatureWarmup)
    let alone = configuration.headWarmup * stepsPerEpoch
    backboneShare = Thaw(steps: alone, rise: alone == 0 ? 1 : configuration.warmup * stepsPerEpoch)
  }
}
