import Clustering
import Foundation
import Insight
import Records
import Reporting
import Tensors

/// A report of an archive that was made up, with everything a page can hold.
enum SampleReport {
  static let hostile = "a/<script>alert('x')</script>/\"&\u{202e}\u{0}.dcm"

  static func make(images count: Int = 60, isFull: Bool = true) -> Report {
    var generator = Seed(3).generator()
    let labels: [Int?] = (0..<count).map { $0 % 11 == 7 ? nil : $0 % 3 }
    let points = Matrix(
      rowsOf: labels.map { label in
        [Float(10 * (label ?? 1)) + Float(generator.normal()), Float(label == 2 ? 10 : 0) + Float(generator.normal())]
      })
    let records = (0..<count).map { row in
      var record = ImageRecord(
        id: ImageID("id\(row)"), path: row == 1 ? hostile : "archive/series \(row / 10)/image \(row).dcm",
        kind: "dicom",
        width: 512, height: 512, frames: 1, bits: 12, samples: 1, pixelDigest: "")
      record.patient = "p\(row / 4)"
      if row == 20 { record.duplicateOf = ImageID("id3") }
      if row % 9 == 0 { record.flags = ["low_contrast"] }
      return record
    }
    let partition = Partition(rawLabels: labels, strengths: labels.map { $0 == nil ? 0 : 0.75 })
    let summary = PartitionSummary(of: partition, points: points)
    var report = Report(title: "Archive <one>", images: records, verdict: Verdict(of: summary))
    report.map = (0..<count).map { SIMD2(points[$0, 0], points[$0, 1]) }
    report.clusterings = [
      .init(name: "kmeans", method: "k-means", partition: partition, summary: summary)
    ]
    if !isFull { return report }
    let truth = TruthComparison(
      of: partition, with: labels.map { $0.map { ["chest", "hand", "<b>skull"][$0] } ?? "hand" }, column: "label")
    report.clusterings = [
      report.clusterings[0],
      .init(
        name: "h d/b", method: "HDBSCAN", partition: partition, summary: summary,
        profiles: MetadataProfile.profiles(of: partition, records: records), measures: [.init("dbcv", 0.4321)],
        truth: truth),
    ]
    report.agreements = [
      .init(first: "h d/b", second: "kmeans", agreement: Agreement(of: partition, and: partition))
    ]
    report.baselines = [.init(name: "Raw pixels", step: "h d/b", scores: truth.scores)]
    report.rejections = [
      Rejection(path: "broken/\(hostile)", code: .truncated, message: "ends after 12 rows", stage: "ingest"),
      Rejection(path: "notes.txt", code: .unknownFormat, message: "no image", stage: "ingest"),
    ]
    report.nextSteps = NextStep.suggestions(for: summary, profiles: [], copies: 1, rejected: 2)
    report.training = .init(
      epoch: [0, 1, 2], loss: [9, 7, .nan], teacherEntropy: [8, 6, 5], greatestEntropy: 8.3, verdict: "No collapse.",
      divergence: [1, 0.5, 0.25], effectiveRank: [2, 5, 9], viewRetrieval: [0.1, 0.5, 0.875],
      alarms: ["too few images (step 1): there are <3> of them."])
    report.explainedVarianceRatio = [0.5, 0.25, 0.125]
    report.steps = [.init(name: "model", stage: "dino", parameters: [.init("epochs", "8")], digest: "abc123")]
    report.facts = [.init("medoid", "0.1.0")]
    report.commands = ["medoid run x.yml --set a=<b>"]
    return report
  }
}
