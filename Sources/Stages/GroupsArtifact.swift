import Clustering
import Foundation
import Insight
import Pipeline
import Storage
import Tensors

/// The artefact of every clustering stage, written and read in one place: `labels.csv`, `clusters.csv`, and `groups.json`
/// with the method's name and what was measured of the whole.
struct GroupsArtifact {
  static let published = [
    Published(file: "labels.csv", name: "labels-{step}.csv", alias: "labels.csv"),
    Published(file: "clusters.csv", name: "clusters-{step}.csv"),
  ]

  /// What `groups.json` holds.
  struct Measures: Codable {
    var method: String
    /// Name and value, in the order in which the page shows them.
    var values: [Measure]
    /// How many groups there are, where that was asked.
    var count: CountSentence?

    static let silhouette = "silhouette"

    struct Measure: Codable {
      var name: String
      var value: Double
    }
  }

  let partition: Partition
  /// What the algorithm itself said of each image; corrections leave it as it is.
  let rawLabels: [Int?]
  /// By group, where somebody named it.
  let names: [String?]
  let outlierScores: [Double]?
  let silhouette: Silhouette
  /// Nil where it was not taken.
  let stability: Stability?
  let measures: Measures

  /// Groups as a step hands them on, before they are judged.
  struct Finding {
    var partition: Partition
    var method: String
    /// What the algorithm said; nil where that is the partition's own.
    var rawLabels: [Int?]?
    /// By group; empty where nobody named any.
    var names: [String?] = []
    var outlierScores: [Double]?
    /// For images in no group, the group that they are nearest to belonging to.
    var proposals: NoiseProposals?
    var values: [Measures.Measure] = []
    var stability: Stability?
    /// How many groups there are, where that was asked.
    var count: CountSentence?
  }

  /// Groups random halves afresh, to say how sure each group is; nil where nobody wants to know.
  static func stability(
    of clusterer: some Clusterer, _ matrix: Matrix, _ partition: Partition, units: [Int]? = nil, resamples: Int,
    seed: Seed, workers: WorkerPool, _ context: StageContext
  ) throws -> Stability? {
    if resamples == 0 || partition.groupCount == 0 { return nil }
    try context.checkCancellation()
    return try Stability(
      of: clusterer, on: matrix, reference: partition, by: .subsample(0.5), units: units, rounds: resamples, seed: seed,
      workers: workers)
  }

  /// Judges the partition and writes all three files; `matrix` is `points` in memory.
  static func write(
    _ finding: Finding, points: PointsFile, _ matrix: Matrix, to output: URL, seed: Seed, workers: WorkerPool,
    _ context: StageContext
  ) throws {
    let partition = finding.partition
    let silhouette = Silhouette(of: matrix, partition, seed: seed.split("silhouette"), workers: workers)
    var measured = finding.values
    if let mean = silhouette.mean { measured.append(Measures.Measure(name: Measures.silhouette, value: mean)) }
    if let stability = finding.stability {
      measured.append(Measures.Measure(name: "resampled_ari", value: stability.meanARI))
    }
    let summary = PartitionSummary(
      of: partition, points: matrix, silhouette: silhouette, stability: finding.stability, workers: workers)
    try writeTables(summary, finding, points, output)
    let json = try canonicalJSON(Measures(method: finding.method, values: measured, count: finding.count))
    try AtomicFile.write(Data((json + "\n").utf8), to: output.appending(path: "groups.json"))
    context.note("groups \(partition.groupCount)")
    context.note("noise \(partition.noiseCount)")
  }

  private static func writeTables(
    _ summary: PartitionSummary, _ finding: Finding, _ points: PointsFile, _ output: URL
  ) throws {
    let medoids = Set(summary.groups.map(\.medoid))
    let partition = finding.partition
    let raw = finding.rawLabels ?? partition.rawLabels
    try LabelsTable.write(
      partition.labels.indices.map { row in
        LabelsTable.Row(
          id: points.ids[row], path: points.paths.isEmpty ? "" : points.paths[row], cluster: partition.labels[row],
          rawCluster: raw[row], probability: partition.strengths[row],
          outlierScore: finding.outlierScores.map { Float($0[row]) }, isMedoid: medoids.contains(row),
          distanceToMedoid: summary.distanceToMedoid[row], proposedCluster: finding.proposals?.groups[row])
      }, to: output.appending(path: "labels.csv"))
    let rows = summary.groups.map { group in
      ClustersTable.Row(
        cluster: group.group, size: group.size, medoidID: points.ids[group.medoid],
        medoidPath: points.paths.isEmpty ? "" : points.paths[group.medoid], cohesion: group.cohesion,
        separation: group.separation, stability: group.stability, silhouette: group.silhouette,
        grade: group.trust.grade.rawValue, name: finding.names.isEmpty ? "" : finding.names[group.group] ?? "")
    }
    try ClustersTable(rows: rows).write(to: output.appending(path: "clusters.csv"))
  }

  /// Reads what `write` wrote.
  init(reading folder: URL) throws {
    let labels = try LabelsTable.read(from: folder.appending(path: "labels.csv"))
    partition = Partition(rawLabels: labels.map(\.cluster), strengths: labels.map(\.probability))
    rawLabels = labels.map(\.rawCluster)
    let scores = labels.compactMap(\.outlierScore)
    outlierScores = scores.count == labels.count && !scores.isEmpty ? scores.map(Double.init) : nil
    let clusters = try ClustersTable(reading: folder.appending(path: "clusters.csv")).rows
    names = clusters.map { $0.name.isEmpty ? nil : $0.name }
    measures = try JSONDecoder().decode(
      Measures.self, from: Data(contentsOf: folder.appending(path: "groups.json")))
    let mean = measures.values.first { $0.name == Measures.silhouette }?.value
    silhouette = Silhouette(mean: mean, groups: clusters.map(\.silhouette))
    let jaccard = clusters.compactMap(\.stability)
    stability = jaccard.count == clusters.count && !jaccard.isEmpty ? Stability(ari: [], jaccard: jaccard) : nil
  }
}
