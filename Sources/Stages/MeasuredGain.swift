import Augmentation
import SelfSupervision
import Tensors
import VisionModels

/// What training was worth: a label-free measure of the network before and after, on the same images.
public struct MeasuredGain: Codable, Hashable, Sendable {
  /// Its name.
  public let measure: String
  /// Of the network that training began with: drawn at random, or given.
  public let untrained: Double
  public let trained: Double
  /// `trained − untrained` lies between these, least and most, as surely as the measure says.
  public let interval: [Double]

  public init(measure: String, untrained: Double, trained: Double, interval: ClosedRange<Double>) {
    self.measure = measure
    self.untrained = untrained
    self.trained = trained
    self.interval = [interval.lowerBound, interval.upperBound]
  }

  /// True if training helped, false if it did harm, nil where the interval can't say.
  public var helped: Bool? { interval[0] > 0 ? true : interval[1] < 0 ? false : nil }

  /// In one sentence, for people.
  public var verdict: String {
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

extension MeasuredGain {
  /// Measures the network before and after training on a sample of its own images; nil where there are too few.
  init?(
    of model: VisionTransformer, before: ParameterBuffer, after: ParameterBuffer, on stack: PixelStack,
    precision: Precision, standardization: Standardization, preset: AugmentationPreset, workers: WorkerPool
  ) throws {
    guard stack.count >= NeighborConsistency.fewest else { return nil }
    let sample = try stack.stack(of: NeighborConsistency.rows(of: stack.count))
    func measured(_ numbers: ParameterBuffer) -> [NeighborConsistency] {
      NeighborConsistency.measure(
        PlaceSelection.layers(depth: model.configuration.depth), pools: VisionTransformer.Pool.allCases, of: sample,
        model: model, parameters: numbers, precision: precision, standardization: standardization, preset: preset,
        seed: Seed(0).split("training gain"), on: workers)
    }
    let gain = TrainingGain(before: measured(before), after: measured(after))
    self.init(measure: TrainingGain.measure, untrained: gain.before, trained: gain.after, interval: gain.interval)
  }
}
