import Clustering
public import Foundation
import Insight
public import Pipeline
import Records
import Storage
import Tensors

/// `correct`: groups as a reviewer wants them: images that must be together or apart, moved, left out; groups named.
public struct CorrectStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var file: String
    var on_problem: String
  }

  public static let name = "correct"
  public static let revision = 1
  public static let summary =
    "Lay a reviewer's corrections over groups, changing as little as possible; what the algorithm said stays"
  public static let slots = [Slot("groups", [.groups]), Slot("points", [.points])]
  public static let output = ArtifactKind.groups
  public static let publishes =
    GroupsArtifact.published + [Published(file: CorrectedTable.file, name: "corrected-{step}.csv")]
  public static let usesSeed = false
  public static let fields = [
    ParameterField(
      "file", .path, default: nil, "corrections.csv: action, image, other, group, name, note (see Formats)"),
    ParameterField(
      "on_problem", .choice(["report", "fail"]), default: "report",
      "Contradictions, unknown images and groups: say so and do the rest, or end with an error"),
  ]

  private let parameters: Parameters

  public init(_ parameters: Parameters) throws { self.parameters = parameters }

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    let file = environment.url(parameters.file)
    guard FileManager.default.fileExists(atPath: file.path) else { throw InputMissing(path: parameters.file) }
    return Arithmetic.digest(environment).merging(["file": try environment.digest(of: file)]) { $1 }
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let groups = try GroupsArtifact(reading: inputs.folder("groups"))
    let points = try PointsFile(reading: inputs.folder("points").appending(path: "points.h5"))
    let matrix = try points.points.loaded()
    let partition = groups.partition
    guard partition.count == matrix.rows else { throw OtherArchive() }
    let statements = try CorrectionsTable.read(from: context.environment.url(parameters.file))
    let paths = points.paths.isEmpty ? points.ids.map(\.rawValue) : points.paths
    let corrections = Corrections(
      statements, ids: points.ids, paths: paths, groupIDs: Array(0..<partition.groupCount))
    let workers = WorkerPool(threads: context.workers)
    let centers = partition.members.map { rows in matrix.mean(of: rows) }
    let applied = corrections.applied(to: partition.labels) { row in
      centers.map { center in
        zip(matrix.row(row), center).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }.squareRoot()
      }
    }
    if parameters.on_problem == "fail", let first = applied.problems.first {
      throw Contradiction(count: applied.problems.count, first: first.sentence)
    }
    // A row that was moved by hand belongs where it was put; what is left of a strength says nothing about it.
    let labels = applied.labels
    let strengths = partition.strengths.indices.map { row -> Float in
      labels.reasons[row] == nil ? partition.strengths[row] : labels.corrected[row] == nil ? 0 : 1
    }
    let corrected = Partition(rawLabels: labels.corrected, strengths: strengths)
    let names = corrected.rawNumbers.map { corrections.names[$0] ?? groups.names[$0] }
    try GroupsArtifact.write(
      GroupsArtifact.Finding(
        partition: corrected, method: groups.measures.method, rawLabels: groups.rawLabels, names: names,
        outlierScores: groups.outlierScores),
      points: points, matrix, to: output, seed: Seed(0).split(CorrectStage.name), workers: workers, context)
    try CorrectedTable.write(applied, partition, corrected, points, to: output.appending(path: CorrectedTable.file))
    context.note("corrections \(statements.count)")
    context.note("images_moved \(labels.reasons.count { $0 != nil })")
    context.note("not_honoured \(applied.problems.count)")
    for problem in applied.problems { context.note("correction: \(problem.sentence)") }
  }
}

extension Matrix {
  /// The mean of some rows, in 64 bits. - Precondition: there are any.
  fileprivate func mean(of rows: [Int]) -> [Double] {
    var sums = [Double](repeating: 0, count: columns)
    for row in rows { for (column, value) in self.row(row).enumerated() { sums[column] += Double(value) } }
    return sums.map { $0 / Double(rows.count) }
  }
}

/// `corrected.csv`: every image that corrections moved.
enum CorrectedTable {
  static let file = "corrected.csv"

  static func write(
    _ applied: Corrections.Applied, _ before: Partition, _ after: Partition, _ points: PointsFile, to url: URL
  ) throws {
    try CSVWriter.write(to: url, columns: ["id", "path", "cluster_before", "cluster", "reason", "lines"]) { writer in
      for (row, reason) in applied.labels.reasons.enumerated() {
        guard let reason else { continue }
        try writer.row([
          points.ids[row].rawValue, points.paths.isEmpty ? "" : points.paths[row],
          NumberText.text(before.labels[row] ?? -1), NumberText.text(after.labels[row] ?? -1), word(reason),
          (applied.lines[row] ?? []).map(String.init).joined(separator: ";"),
        ])
      }
    }
  }

  private static func word(_ reason: CorrectedLabels.Reason) -> String {
    switch reason {
    case .mustLink: "must_link"
    case .cannotLink: "cannot_link"
    case .assigned: "assign"
    case .rejected: "reject"
    }
  }
}

/// Corrections that contradict one another or name what isn't there, where that was to be an error.
struct Contradiction: Error, CustomStringConvertible {
  let count: Int
  let first: String

  var description: String {
    count == 1
      ? "a correction can't be honoured: \(first)" : "\(count) corrections can't be honoured, the first: \(first)"
  }
}
