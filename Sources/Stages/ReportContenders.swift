import Foundation
import Insight
import Records
import Reporting
import Storage
import Tensors

/// What training was worth, for the page: the card's measures, and with truth how well each contender's sample agrees with the labels.
extension ReportAssembly {
  struct TrainingWorth {
    var contenders: [Report.Contender] = []
    /// In one sentence, what the labels say of training; nil without truth.
    var verdict: String?
  }

  static func worth(
    _ model: URL, _ gain: MeasuredGain?, manifest: [ImageRecord], truth: TruthTable?, workers: WorkerPool
  ) throws -> TrainingWorth {
    guard let measures = gain?.contenders else { return TrainingWorth() }
    var worth = TrainingWorth()
    var scores: [FeatureScores?] = []
    let match = truth.map { $0.match(manifest.map(\.path)) }
    let row = Dictionary(manifest.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    for kind in Contender.Kind.allCases {
      guard let measured = measures.first(where: { $0.name == kind.name }) else { continue }
      let score = try match.flatMap {
        try scored(model.appending(path: kind.file), row: row, manifest, $0, workers)
      }
      scores.append(score)
      worth.contenders.append(
        Report.Contender(
          name: measured.name,
          place: measured.place?.replacing("layer=", with: "layer ").replacing(" pool=", with: ", ") ?? "",
          neighborsKept: measured.neighborsKept,
          viewRetrieval: measured.viewRetrieval, stability: measured.clusteringStability,
          effectiveRank: measured.effectiveRank,
          labels: score.map {
            .init(neighborAccuracy: $0.neighborAccuracy, adjustedRandIndex: $0.adjustedRandIndex)
          }))
    }
    if scores.count > 1, let after = scores.last!, let before = scores[scores.count - 2] {
      worth.verdict = verdict(after, before)
    }
    return worth
  }

  /// nil where the labels say nothing: fewer than two kinds among the sample.
  private static func scored(
    _ file: URL, row: [ImageID: Int], _ manifest: [ImageRecord], _ match: TruthTable.Match, _ workers: WorkerPool
  ) throws -> FeatureScores? {
    let sample = try EmbeddingsFile.read(from: file)
    let rows = sample.ids.map { row[$0] }
    let labels = rows.map { $0.flatMap { match.labels[$0] } }
    guard Set(labels.compactMap { $0 }).count > 1 else { return nil }
    // The files' own patients, else the table's.
    let patients = rows.map { row in
      row.map { manifest[$0].patient.isEmpty ? match.patients[$0] : manifest[$0].patient } ?? ""
    }
    return try FeatureScores(
      of: try sample.vectors.loaded(), labels: labels, patients: patients, seed: Seed(0).split("contender labels"),
      workers: workers)
  }

  private static func verdict(_ after: FeatureScores, _ before: FeatureScores) -> String {
    let gain = after.gain(over: before)
    let interval = gain.interval
    let word =
      interval.lowerBound > 0
      ? "The labels agree with the trained network better"
      : interval.upperBound < 0
        ? "The labels agree with the trained network worse" : "The labels show no difference"
    return
      "\(word): the nearest neighbours are right for \(percent(after.neighborAccuracy)) % of the images, \(percent(before.neighborAccuracy)) % before training (difference \(percent(gain.mean)) points, 95 % \(percent(interval.lowerBound)) to \(percent(interval.upperBound))); ARI \(fixed(after.adjustedRandIndex, digits: 2).replacing("-", with: "−")), \(fixed(before.adjustedRandIndex, digits: 2).replacing("-", with: "−")) before."
  }
}
