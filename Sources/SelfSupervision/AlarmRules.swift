import Tensors

/// By which signs a training run is known to go wrong: a pure function of its settings and of what was seen so far.
///
/// An alarm once raised stays. Where a learning rate that is too high has been named, collapse is its consequence and is not named again.
public struct AlarmRules: Sendable {
  /// Steps that are looked at together, so that no single batch raises an alarm.
  static let window = 10
  /// Steps until the centre of the teacher's outputs has settled; before, one prototype may win every image of a sound run.
  static let settling = 20
  /// Deviation of an untrained network's weights (truncated normal, as in Touvron et al. 2021). AdamW moves each weight by about the learning rate.
  static let weightDeviation = 0.02

  private let configuration: DINO.Configuration
  private let images: Int
  private let steps: Int
  /// ln K, the greatest entropy.
  private let uniform: Double

  /// - Parameter images: in the archive.
  public init(_ configuration: DINO.Configuration, images: Int) {
    self.configuration = configuration
    self.images = images
    steps = configuration.stepsPerEpoch(images: images) * configuration.epochs
    uniform = logarithm(Double(configuration.outputDimension))
  }

  /// All alarms of a run, in the order in which they were raised. - Complexity: O(history).
  public func raised(in history: [Monitor]) -> [RaisedAlarm] {
    var alarms: [RaisedAlarm] = []
    for count in history.indices { alarms += newAlarms(after: history[...count], known: alarms) }
    return alarms
  }

  /// What the last step of `history` adds to the alarms known before it. - Complexity: O(1).
  public func newAlarms(after history: ArraySlice<Monitor>, known: [RaisedAlarm]) -> [RaisedAlarm] {
    guard let last = history.last else { return [] }
    var found: [RaisedAlarm] = []
    func has(_ alarm: TrainingAlarm) -> Bool { (known + found).contains { $0.alarm == alarm } }
    func look(_ alarm: TrainingAlarm, _ finding: (ArraySlice<Monitor>) -> String?) {
      if has(alarm) { return }
      if let text = finding(history) { found.append(RaisedAlarm(alarm, step: last.step, finding: text)) }
    }
    look(.tooFewImages, fewImages)
    look(.tooFewSteps, fewSteps)
    look(.headTooWide, wideHead)
    look(.learningRateTooHigh, highRate)
    if !has(.learningRateTooHigh) {
      look(.collapseToUniform, uniformTeacher)
      look(.collapseToOne, oneAnswer)
    }
    return found
  }

  // MARK: Known from the settings

  private func fewImages(_ history: ArraySlice<Monitor>) -> String? {
    images > configuration.batchSize
      ? nil : "There are \(images) images and batch_size is \(configuration.batchSize): each step sees all of them."
  }

  /// A few dozen steps leave the features of an untrained network, whatever the archive.
  private func fewSteps(_ history: ArraySlice<Monitor>) -> String? {
    steps >= 100 ? nil : "The whole run has \(steps) steps; a hundred are the least that change the features."
  }

  /// An image has two global crops an epoch, each won by one prototype: what can't win teaches nothing. How few do win is no sign: on an archive of
  /// a few clear kinds as many prototypes as kinds win all crops, and the features are good.
  private func wideHead(_ history: ArraySlice<Monitor>) -> String? {
    let prototypes = configuration.outputDimension
    return prototypes <= 16 * images
      ? nil : "out_dim is \(prototypes): \(images) images can't use more than an eighth of so many prototypes."
  }

  // MARK: Seen

  private func highRate(_ history: ArraySlice<Monitor>) -> String? {
    let rate = history.last!.learningRate
    if rate > AlarmRules.weightDeviation {
      return "At \(decimals(rate)), a step moves weights by more than their whole spread at the start."
    }
    guard let loss = mean(history, \.loss), let gradient = mean(history, \.largestGradient) else { return nil }
    if rate > AlarmRules.weightDeviation / 10, isOneAnswer(history) {
      return "After steps at \(decimals(rate)), the teacher gives one prototype to every image."
    }
    guard history.count >= 2 * AlarmRules.window else { return nil }
    let before = mean(history.dropLast(AlarmRules.window), \.loss)!
    // A student that knows nothing can have ln K: more than that, and not falling, is being sure of what is wrong.
    if loss > uniform + 1, loss > before {
      return "The loss is \(decimals(loss)) and rising, where knowing nothing would cost \(decimals(uniform))."
    }
    let first = mean(history.prefix(AlarmRules.window), \.largestGradient)!
    if gradient > 10 * first {
      return "Gradients have grown from \(decimals(first)) to \(decimals(gradient))."
    }
    return nil
  }

  /// The teacher's entropy tells how much it says of an image: ln K less the entropy, in nats.
  private func uniformTeacher(_ history: ArraySlice<Monitor>) -> String? {
    guard history.count >= AlarmRules.settling, let entropy = mean(history, \.teacherEntropy) else { return nil }
    if uniform - entropy > 0.02 { return nil }
    let said = "The teacher's entropy is \(decimals(entropy)) of at most \(decimals(uniform))"
    // Sharper than the student it must be, or nothing drives the two away from uniform.
    if history.last!.teacherTemperature >= configuration.studentTemperature {
      return said + ", and its temperature is not below the student's: it says nothing of any image."
    }
    // Otherwise it may yet begin to say something: wait until the student has nothing left to follow.
    let long = 5 * AlarmRules.window
    guard history.count >= long, isWarm(history.last!),
      history.suffix(long).allSatisfy({ uniform - $0.teacherEntropy < 0.02 && $0.divergence < 0.02 })
    else { return nil }
    return said + " and the student follows it: it says nothing of any image."
  }

  private func oneAnswer(_ history: ArraySlice<Monitor>) -> String? {
    guard history.count >= AlarmRules.settling else { return nil }
    if isOneAnswer(history) {
      let share = mean(history, \.largestShare) ?? 1
      return
        "One prototype wins \(decimals(100 * share)) % of the crops and the teacher's entropy is near 0: all images get the same answer."
    }
    guard history.count >= 3 * AlarmRules.window, isWarm(history.last!),
      let rank = mean(history, \.effectiveRank, steps: 2 * AlarmRules.window), rank < 1.15
    else { return nil }
    return "The features have an effective rank of \(decimals(rank)): images differ in one direction only."
  }

  private func isOneAnswer(_ history: ArraySlice<Monitor>) -> Bool {
    guard let entropy = mean(history, \.teacherEntropy) else { return false }
    return entropy < 0.1 * uniform && (mean(history, \.largestShare) ?? 1) > 0.9
  }

  /// Past the warm-up of the learning rate.
  private func isWarm(_ monitor: Monitor) -> Bool { monitor.epoch >= configuration.warmup }

  /// Over the last steps; nil where there are fewer, or where it was not measured.
  private func mean(_ history: ArraySlice<Monitor>, _ value: (Monitor) -> Double?, steps: Int = window) -> Double? {
    let values = history.suffix(steps).compactMap(value)
    return values.count == steps ? values.reduce(0, +) / Double(steps) : nil
  }

  /// Three significant digits, as far as three places after the point go.
  private func decimals(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e9 else { return "\(value)" }
    let scale = abs(value) < 1 ? 1000.0 : abs(value) < 100 ? 100 : 1
    let rounded = (value * scale).rounded() / scale
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
