import Clustering
public import Foundation
import Insight
public import Pipeline
import Records
import Reporting
import Storage
import Tensors

/// `report`: the page, its thumbnails and `metrics.json`. The only stage that may read labels; it fits nothing.
public struct ReportStage: Stage {
  public struct Parameters: Codable, Hashable, Sendable {
    var title: String
    var truth: ParameterValue?
    var truth_column: String
  }

  public static let name = "report"
  public static let revision = 2
  public static let summary = "Show what was found: a page that opens offline, and its figures"
  public static let slots = [
    Slot("clusters", [.groups], many: true), Slot("baselines", [.groups], many: true, optional: true),
    Slot("points", [.points]), Slot("images", [.images], optional: true),
    Slot("embeddings", [.embeddings], optional: true),
    Slot("model", [.model], optional: true), Slot("map", [.points], optional: true),
  ]
  public static let output = ArtifactKind.report
  public static let publishes = [
    Published(file: "report", name: "report", isDirectory: true), Published(file: "metrics.json", name: "metrics.json"),
  ]
  public static let usesSeed = false
  public static let fields = [
    ParameterField("title", .text, default: "Archive", "The heading of the page"),
    ParameterField("truth", .path, default: .null, "A CSV of known labels to compare with; never used to fit"),
    ParameterField("truth_column", .text, default: "label", "The column of the labels in it"),
  ]

  private let parameters: Parameters

  public init(_ parameters: Parameters) throws { self.parameters = parameters }

  public func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    guard let path = parameters.truth?.word else { return [:] }
    let file = environment.url(path)
    guard FileManager.default.fileExists(atPath: file.path) else { throw InputMissing(path: path) }
    return ["truth": try environment.digest(of: file)]
  }

  public func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let workers = WorkerPool(threads: context.workers)
    let assembly = try ReportAssembly(
      inputs, title: parameters.title,
      truth: parameters.truth?.word.map {
        try TruthTable(reading: context.environment.url($0), column: parameters.truth_column)
      }, truthColumn: parameters.truth_column, workers: workers)
    let page = output.appending(path: "report")
    let thumbnails = page.appending(path: "thumbs")
    try FileManager.default.createDirectory(at: thumbnails, withIntermediateDirectories: true)
    if !inputs.isEmpty("images") {
      try Thumbnails.write(
        try ImagesFile(reading: inputs.folder("images").appending(path: "images.h5")), rows: assembly.pictured,
        to: thumbnails, workers: workers, context)
    }
    try AtomicFile.write(Data(ReportPage.html(assembly.report).utf8), to: page.appending(path: "index.html"))
    let metrics = MetricsJSON.text(assembly.report.clusterings + assembly.baselines)
    try AtomicFile.write(Data(metrics.utf8), to: output.appending(path: "metrics.json"))
    for line in assembly.scoreLines { context.note(line) }
  }
}
