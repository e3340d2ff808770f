import SelfSupervision

/// What training was worth, without labels: the trained network against the best of what could be had without training it.
public struct MeasuredGain: Codable, Hashable, Sendable {
  /// Its name.
  let measure: String
  let trained: Double
  /// The best of the others by this measure, and which it is.
  let other: Double
  let otherName: String
  /// `trained − other` lies between these, least and most, as surely as the measure says.
  let interval: [Double]
  /// Raw pixels, the untrained network, given weights if there were any, the trained network.
  let contenders: [Contender.Measures]

  /// - Parameter contenders: the trained network last, at least one other before it.
  init(_ contenders: [Contender]) {
    let best = contenders.dropLast().max { $0.views.retrievedShare.mean < $1.views.retrievedShare.mean }!
    let gain = TrainingGain(contenders.last!.views, over: best.views)
    measure = TrainingGain.measure
    trained = gain.trained
    other = gain.other
    otherName = best.kind.name
    interval = [gain.interval.lowerBound, gain.interval.upperBound]
    self.contenders = contenders.map(\.measures)
  }

  /// In one sentence, for people.
  var verdict: String {
    let figures =
      "when images are varied, \(percent(trained)) % are nearest to their own original, by the \(otherName) \(percent(other)) % (difference \(percent(interval[0])) to \(percent(interval[1])) points, 95 %)"
    if interval[0] > 0 { return "Training helped: \(figures)." }
    if interval[1] < 0 { return "Training did not help: \(figures)." }
    return "Training did not help, as far as can be told: \(figures)."
  }
}

/// A share in hundredths, with a true minus sign.
func percent(_ share: Double) -> String { fixed(100 * share, digits: 1).replacing("-", with: "−") }
