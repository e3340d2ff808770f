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

    static let silhouette = "silhouette"

    struct Measure: Codable {
      var name: String
      var value: Double
    }
  }

  let partition: Partition
  let silhouette: Silhouette
  /// Nil where it was not taken.
  let stability: Stability?
  let measures: Measures

  /// Judges the partition (silhouette, stability under resampling) and writes all three files; `matrix` is `points` in memory.
  static func write(
    _ partition: Partition, method: String, outlierScores: [Double]?, values: [Measures.Measure],
    of clusterer: some Clusterer, points: PointsFile, _ matrix: Matrix, resamples: Int, to output: URL, seed: Seed,
    workers: WorkerPool,
    _ context: StageContext
  ) throws {
    let silhouette = Silhouette(of: matrix, partition, seed: seed.split("silhouette"), workers: workers)
    var measured = values
    if let mean = silhouette.mean { measured.append(Measures.Measure(name: Measures.silhouette, value: mean)) }
    var stability: Stability?
    if resamples > 0 && partition.groupCount > 0 {
      try context.checkCancellation()
      let taken = try Stability(
        of: clusterer, on: matrix, reference: partition, rounds: resamples, seed: seed, workers: workers)
      measured.append(Measures.Measure(name: "resampled_ari", value: taken.meanARI))
      stability = taken
    }
    let summary = PartitionSummary(
      of: partition, points: matrix, silhouette: silhouette, stability: stability, workers: workers)
    try writeTables(summary, partition, outlierScores, points, output)
    let json = try canonicalJSON(Measures(method: method, values: measured))
    try AtomicFile.write(Data((json + "\n").utf8), to: output.appending(path: "groups.json"))
    context.note("groups \(partition.groupCount)")
    context.note("noise \(partition.noiseCount)")
  }

  private static func writeTables(
    _ summary: PartitionSummary, _ partition: Partition, _ outlierScores: [Double]?, _ points: PointsFile, _ output: URL
  ) throws {
    let medoids = Set(summary.groups.map(\.medoid))
    try LabelsTable.write(
      partition.labels.indices.map { row in
        LabelsTable.Row(
          id: points.ids[row], path: points.paths[row], cluster: partition.labels[row],
          rawCluster: partition.rawLabels[row], probability: partition.strengths[row],
          outlierScore: outlierScores.map { Float($0[row]) }, isMedoid: medoids.contains(row),
          distanceToMedoid: summary.distanceToMedoid[row])
      }, to: output.appending(path: "labels.csv"))
    let rows = summary.groups.map { group in
      ClustersTable.Row(
        cluster: group.group, size: group.size, medoidID: points.ids[group.medoid],
        medoidPath: points.paths[group.medoid], cohesion: group.cohesion, separation: group.separation,
        stability: group.stability, silhouette: group.silhouette, grade: group.trust.grade.rawValue, name: "")
    }
    try ClustersTable(rows: rows).write(to: output.appending(path: "clusters.csv"))
  }

  /// Reads what `write` wrote.
  init(reading folder: URL) throws {
    let labels = try LabelsTable.read(from: folder.appending(path: "labels.csv"))
    partition = Partition(rawLabels: labels.map(\.rawCluster), strengths: labels.map(\.probability))
    let clusters = try ClustersTable(reading: folder.appending(path: "clusters.csv")).rows
    measures = try JSONDecoder().decode(
      Measures.self, from: Data(contentsOf: folder.appending(path: "groups.json")))
    let mean = measures.values.first { $0.name == Measures.silhouette }?.value
    silhouette = Silhouette(mean: mean, groups: clusters.map(\.silhouette))
    let jaccard = clusters.compactMap(\.stability)
    stability = jaccard.count == clusters.count && !jaccard.isEmpty ? Stability(ari: [], jaccard: jaccard) : nil
  }
}
