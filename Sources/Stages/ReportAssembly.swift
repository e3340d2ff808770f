import Clustering
import Foundation
import Insight
import Pipeline
import Records
import Reporting
import SelfSupervision
import Storage
import Tensors

/// Reads the artefacts of a run and makes of them the values that the page shows.
struct ReportAssembly {
  /// In recipe order; the last clustering is the one the archive is sorted by.
  let report: Report
  /// Clusterings of other features, to compare with.
  let baselines: [Report.ClusteringStep]
  /// Rows of the manifest that the page shows a picture of.
  let pictured: [Int]
  /// What a terminal should say of the scores, a line a step; empty without truth.
  let scoreLines: [String]

  /// With more images than this the page has pictures of exemplars only.
  static let mostPictures = 20_000

  init(
    _ inputs: StageInputs, title: String, truth: TruthTable?, truthColumn: String, workers: WorkerPool
  ) throws {
    let points = try PointsFile(reading: inputs.folder("points").appending(path: "points.h5"))
    let hasImages = !inputs.isEmpty("images")
    let manifest: [ImageRecord]
    var rejections: [Rejection] = []
    if hasImages {
      let images = try inputs.folder("images")
      manifest = try ManifestTable.read(from: images.appending(path: "manifest.csv"))
      rejections = try RejectionTable.read(from: images.appending(path: "rejected.csv"))
    } else {
      manifest = ReportAssembly.records(of: points)
    }
    // Points of whole series stand at the rows of the pictures that speak for them.
    let rows = try ReportAssembly.rows(of: points.ids, in: manifest)
    let records = rows.map { manifest[$0] }
    let matrix = try points.points.loaded()
    let match = truth.map { $0.match(records.map(\.path)) }

    func clustering(_ step: String, _ folder: URL, isBaseline: Bool) throws -> Report.ClusteringStep {
      let groups = try GroupsArtifact(reading: folder)
      guard groups.partition.count == records.count else { throw OtherArchive() }
      let summary = PartitionSummary(
        of: groups.partition, points: matrix, silhouette: groups.silhouette, stability: groups.stability,
        copies: ReportAssembly.copyNumbers(records), workers: workers)
      var found = Report.ClusteringStep(
        name: step, method: groups.measures.method, partition: groups.partition, summary: summary,
        profiles: isBaseline ? [] : MetadataProfile.profiles(of: groups.partition, records: records),
        measures: groups.measures.values.filter { $0.name != GroupsArtifact.Measures.silhouette }.map {
          Report.NamedNumber($0.name, $0.value)
        },
        truth: match.flatMap {
          $0.matched == 0 ? nil : TruthComparison(of: groups.partition, with: $0.labels, column: truthColumn)
        })
      found.names = groups.names
      found.count = groups.measures.count
      return found
    }
    let clusterings = try inputs.folders("clusters").map { try clustering($0.step, $0.folder, isBaseline: false) }
    baselines = try inputs.folders("baselines").map { try clustering($0.step, $0.folder, isBaseline: true) }
    guard let main = clusterings.last else { throw EmptyClusters() }

    let other = clusterings.count > 1 ? clusterings[clusterings.count - 2] : nil
    let agreement = other.map { Agreement(of: main.partition, and: $0.partition) }
    var report = Report(
      title: title, images: records,
      verdict: Verdict(
        of: main.summary, agreement: other.map { ($0.name, agreement!.adjustedRandIndex) }, count: main.count))
    report.rejections = rejections
    if !hasImages { report.thumbnails = .embedded([:]) }
    report.hasFiles = hasImages
    report.clusterings = clusterings
    if let other, let agreement {
      report.agreements = [Report.StepAgreement(first: main.name, second: other.name, agreement: agreement)]
    }
    report.nextSteps = NextStep.suggestions(
      for: main.summary, profiles: main.profiles, agreement: other.map { ($0.name, agreement!) },
      copies: records.count { $0.duplicateOf != nil }, rejected: rejections.count)
    report.baselines = ReportAssembly.scores(of: baselines, besides: clusterings)
    let isLaidOut = !inputs.isEmpty("map")
    if isLaidOut {
      let folder = try inputs.folder("map")
      let layout = try PointsFile(reading: folder.appending(path: "points.h5"))
      guard layout.ids == points.ids else { throw OtherArchive() }
      report.map = ReportAssembly.map(layout)
      report.mapCaption = try ReportAssembly.caption(ofLayoutIn: folder)
    } else {
      report.map = ReportAssembly.map(points)
    }
    if let axes = points.principalAxes {
      report.explainedVarianceRatio = axes.explainedVarianceRatio
      let kept = axes.explainedVarianceRatio.prefix(2).reduce(0, +)
      if !isLaidOut {
        report.mapCaption = "First two principal components, \(fixed(100 * kept, digits: 0)) % of the variance."
      }
    }
    if !inputs.isEmpty("model") {
      let model = try inputs.folder("model")
      report.training = try ReportAssembly.training(model, manifest: manifest, truth: truth, workers: workers)
      let excluded = model.appending(path: TrainingExclusion.published.file)
      if FileManager.default.fileExists(atPath: excluded.path) {
        report.heldOut = try HeldOutImages.count(in: excluded)
      }
    }
    let methods = try ReportAssembly.methods(inputs)
    report.steps = methods.steps
    report.facts = methods.facts
    self.report = report
    pictured =
      records.count <= ReportAssembly.mostPictures
      ? rows : ReportAssembly.exemplars(of: clusterings).map { rows[$0] }
    scoreLines =
      ReportAssembly.lines(clusterings + baselines, match: match)
      + [report.training?.labelVerdict].compactMap { $0 }
  }

  /// The row of the manifest of each point. - Throws: `OtherArchive` for an id that isn't there, or is there twice among the points.
  private static func rows(of ids: [ImageID], in manifest: [ImageRecord]) throws -> [Int] {
    let row = Dictionary(manifest.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    let rows = ids.compactMap { row[$0] }
    guard rows.count == ids.count, Set(rows).count == ids.count else { throw OtherArchive() }
    return rows
  }

  /// What is known of rows that no image of ours stands for.
  private static func records(of points: PointsFile) -> [ImageRecord] {
    points.ids.enumerated().map { row, id in
      ImageRecord(
        id: id, path: points.paths.isEmpty ? id.rawValue : points.paths[row], kind: "vector", width: 0, height: 0,
        frames: 1, bits: 0, samples: 0, pixelDigest: id.rawValue)
    }
  }

  /// A number a row, equal for copies of one image.
  private static func copyNumbers(_ records: [ImageRecord]) -> [Int] {
    var first: [String: Int] = [:]
    return records.enumerated().map { row, record in
      if let known = first[record.pixelDigest] { return known }
      first[record.pixelDigest] = row
      return row
    }
  }

  private static func map(_ points: PointsFile) -> [SIMD2<Float>] {
    guard let map = points.map else { return [] }
    return (0..<map.rows).map { SIMD2(map[$0, 0], map[$0, 1]) }
  }

  /// How a layout was made, and how far it is to be trusted.
  private static func caption(ofLayoutIn folder: URL) throws -> String {
    let note = try ArtifactNote(in: folder)
    func figure(_ name: String) -> Double? {
      note.notes.first { $0.hasPrefix(name + " ") }.flatMap { Double($0.dropFirst(name.count + 1)) }
    }
    let measures = [
      figure("trustworthiness").map { "trustworthiness \(fixed($0, digits: 2))" },
      figure("neighbors_kept").map { "\(fixed(100 * $0, digits: 0)) % of each image’s nearest are near on it" },
    ].compactMap { $0 }
    return "Laid out by \(note.stage.uppercased())\(measures.isEmpty ? "" : ": " + measures.joined(separator: ", "))."
  }

  private static func exemplars(of clusterings: [Report.ClusteringStep]) -> [Int] {
    Set(clusterings.flatMap { $0.summary.groups.flatMap { [$0.medoid] + ($0.typical + $0.odd).map(\.row) } }).sorted()
  }

  /// The course of training, where there was any.
  private static func training(
    _ folder: URL, manifest: [ImageRecord], truth: TruthTable?, workers: WorkerPool
  ) throws -> Report.TrainingCurve? {
    let history = try TrainingTable.read(from: folder.appending(path: "training.csv"))
    guard let last = history.last else { return nil }
    let steps = Double(history.count { $0.epoch == 0 })
    let parameters = try ArtifactNote(in: folder).parameters
    let prototypes = parameters["out_dim"]?.number ?? 0
    let fall = history[0].loss - last.loss
    let card = ModelCard(beside: folder.appending(path: "model.safetensors"))
    let worth = try worth(folder, card?.measuredGain, manifest: manifest, truth: truth, workers: workers)
    // No step measured it: no curve of it.
    func optional(_ value: (Monitor) -> Double?) -> [Double] {
      let values = history.map { value($0) ?? .nan }
      return values.allSatisfy(\.isNaN) ? [] : values
    }
    return Report.TrainingCurve(
      epoch: history.map { Double($0.step + 1) / steps }, loss: history.map(\.loss),
      teacherEntropy: history.map(\.teacherEntropy), greatestEntropy: log(prototypes),
      // The loss of a teacher that grows surer rises; it is a sign only where nothing better was measured.
      verdict: card?.measuredGain?.verdict
        ?? (fall > 0
          ? "The loss fell from \(fixed(history[0].loss, digits: 2)) to \(fixed(last.loss, digits: 2))."
          : "The loss did not fall: these features may be no better than an untrained network's."),
      divergence: history.map(\.divergence), effectiveRank: optional(\.effectiveRank),
      viewRetrieval: optional(\.viewRetrieval),
      alarms: card?.alarms?.map(\.description) ?? [], contenders: worth.contenders, labelVerdict: worth.verdict)
  }
}

/// The steps a report was given do not belong to one archive.
struct OtherArchive: Error, CustomStringConvertible {
  var description: String {
    "clusters, points and images are not of the same archive: let the report read one chain of steps"
  }
}

/// A report without a clustering.
struct EmptyClusters: Error, CustomStringConvertible {
  var description: String { "the report was given no clusters" }
}
