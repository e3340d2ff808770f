import Augmentation
import Pipeline
import SelfSupervision
import Tensors
import VisionModels

/// What training was worth: a label-free measure of the network before and after, on the same images, and others beside it.
public struct MeasuredGain: Codable, Hashable, Sendable {
  /// Its name.
  let measure: String
  /// Of the network that training began with: drawn at random, or given.
  let untrained: Double
  let trained: Double
  /// `trained − untrained` lies between these, least and most, as surely as the measure says.
  let interval: [Double]
  /// Raw pixels, the untrained network, given weights if there were any, the trained network; absent from cards of before they were measured.
  let contenders: [Contender.Measures]?

  init(_ contenders: [Contender]) {
    let gain = TrainingGain(before: contenders[contenders.count - 2].views, after: contenders.last!.views)
    measure = TrainingGain.measure
    untrained = gain.before
    trained = gain.after
    interval = [gain.interval.lowerBound, gain.interval.upperBound]
    self.contenders = contenders.map(\.measures)
  }

  /// True if training helped, false if it did harm, nil where the interval can't say.
  var helped: Bool? { interval[0] > 0 ? true : interval[1] < 0 ? false : nil }

  /// In one sentence, for people.
  var verdict: String {
    func percent(_ share: Double) -> String { fixed(100 * share, digits: 1).replacing("-", with: "−") }
    let figures =
      "images keep \(percent(trained)) % of their nearest neighbours when they are varied, \(percent(untrained)) % before (difference \(percent(interval[0])) to \(percent(interval[1])) points, 95 %)"
    return switch helped {
    case true?: "Training helped: \(figures)."
    case false?: "Training did harm: \(figures)."
    case nil: "Training did not help, as far as can be told: \(figures)."
    }
  }
}
