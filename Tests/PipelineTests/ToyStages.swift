import Foundation
import Pipeline
import Synchronization

/// Stages that count words: small enough to see through, with everything a real one has.
enum ToyStages {
  static let all: [any Stage.Type] = [ReadText.self, CountWords.self, DrawWord.self, Join.self, Fail.self]

  static let textKind = ArtifactKind("text", version: 1)
  static let countsKind = ArtifactKind("counts", version: 1)
  static let pageKind = ArtifactKind("page", version: 1)
}

/// A text file from outside the store; `limit` is its longest line count, so that a change may leave the bytes alone.
struct ReadText: Stage {
  struct Parameters: Codable, Hashable, Sendable {
    var from: String
    var limit: Int
    var case_: String
    var pace: Double
    enum CodingKeys: String, CodingKey {
      case from, limit, pace
      case case_ = "case"
    }
  }

  static let name = "read"
  static let revision = 1
  static let summary = "Reads a text."
  static let fields = [
    ParameterField("from", .path, default: nil, "the file"),
    ParameterField("limit", .integer(1...1000), default: 100, "lines kept"),
    ParameterField("case", .choice(["same", "upper", "lower"]), default: "same", "letters"),
    ParameterField("pace", .number(0...9), default: 1, changesResult: false, "how fast, which no byte shows"),
  ]
  static let output = ToyStages.textKind
  static let usesSeed = false
  static let publishes = [Published(file: "text.txt", name: "text.txt")]
  let parameters: Parameters

  init(_ parameters: Parameters) throws { self.parameters = parameters }

  func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    let file = environment.url(parameters.from)
    guard FileManager.default.fileExists(atPath: file.path) else { throw InputMissing(path: parameters.from) }
    return ["from": try environment.digest(of: file)]
  }

  func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let text = try String(contentsOf: context.environment.url(parameters.from), encoding: .utf8)
    let lines = text.split(separator: "\n").prefix(parameters.limit).joined(separator: "\n") + "\n"
    let cased = ["upper": lines.uppercased(), "lower": lines.lowercased()][parameters.case_] ?? lines
    try Data(cased.utf8).write(to: output.appending(path: "text.txt"))
  }
}

/// How often each long word occurs.
struct CountWords: Stage {
  struct Parameters: Codable, Hashable, Sendable {
    var min_length: Int
    var max_share: Double
    var skip: [String]?
  }

  static let name = "count"
  static let revision = 3
  static let summary = "Counts words."
  static let fields = [
    ParameterField("min_length", .integer(1...20), default: 3, "letters"),
    ParameterField("max_share", .number(0...1), default: 1, "drops words more frequent than this"),
    ParameterField("skip", .list(.text), default: .null, "words left out"),
  ]
  static let slots = [Slot("text", [ToyStages.textKind])]
  static let output = ToyStages.countsKind
  static let publishes = [Published(file: "counts.csv", name: "counts-{step}.csv", alias: "counts.csv")]
  let parameters: Parameters

  init(_ parameters: Parameters) throws {
    if parameters.skip == [] { throw ParameterError(key: "skip", message: "an empty list skips nothing") }
    self.parameters = parameters
  }

  func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let text = try String(contentsOf: inputs.folder("text").appending(path: "text.txt"), encoding: .utf8)
    let words = text.split { !$0.isLetter }.map(String.init).filter { word in
      word.count >= parameters.min_length && !(parameters.skip ?? []).contains(word)
    }
    var counts: [String: Int] = [:]
    for (index, word) in words.enumerated() {
      try context.checkCancellation()
      counts[word, default: 0] += 1
      context.report(StageProgress(done: index + 1, total: words.count, unit: "words"))
    }
    context.note("words \(words.count)")
    let kept = counts.keys.sorted().filter { Double(counts[$0]!) <= parameters.max_share * Double(words.count) }
    let table = "word,count\n" + kept.map { "\($0),\(counts[$0]!)\n" }.joined()
    try Data(table.utf8).write(to: output.appending(path: "counts.csv"))
  }
}

/// A word by lot: the stage that uses the seed.
struct DrawWord: Stage {
  struct Parameters: Codable, Hashable, Sendable {}

  static let name = "draw"
  static let revision = 1
  static let summary = "Draws a word."
  static let slots = [Slot("text", [ToyStages.textKind])]
  static let output = ToyStages.countsKind
  static let publishes = [Published(file: "counts.csv", name: "counts-{step}.csv", alias: "counts.csv")]

  init(_ parameters: Parameters) throws {}

  func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    ["dice": environment.values["dice"] ?? "fair"]
  }

  func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let text = try String(contentsOf: inputs.folder("text").appending(path: "text.txt"), encoding: .utf8)
    let words = text.split { !$0.isLetter }
    let word = words[Int(context.seed % UInt64(words.count))]
    try Data("word,count\n\(word),1\n".utf8).write(to: output.appending(path: "counts.csv"))
  }
}

/// A page of several counts.
struct Join: Stage {
  struct Parameters: Codable, Hashable, Sendable {
    var title: String
  }

  static let name = "join"
  static let revision = 1
  static let summary = "Joins counts to a page."
  static let fields = [ParameterField("title", .text, default: "Counts", "the page's title")]
  static let slots = [
    Slot("counts", [ToyStages.countsKind], many: true), Slot("text", [ToyStages.textKind], optional: true),
  ]
  static let output = ToyStages.pageKind
  static let usesSeed = false
  static let publishes = [Published(file: "page", name: "report", isDirectory: true)]
  let parameters: Parameters

  init(_ parameters: Parameters) throws { self.parameters = parameters }

  func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let page = output.appending(path: "page")
    try FileManager.default.createDirectory(at: page.appending(path: "tables"), withIntermediateDirectories: true)
    var text = parameters.title + "\n"
    for (step, folder) in inputs.folders("counts") {
      let table = try Data(contentsOf: folder.appending(path: "counts.csv"))
      try table.write(to: page.appending(path: "tables/\(step).csv"))
      text += "\(step)\n"
    }
    if let folder = try? inputs.folder("text") {
      text += try String(contentsOf: folder.appending(path: "text.txt"), encoding: .utf8)
    }
    try Data(text.utf8).write(to: page.appending(path: "index.html"))
  }
}

/// Does what it is told to, badly; `Moment` lets a test act while it runs.
struct Fail: Stage {
  struct Parameters: Codable, Hashable, Sendable {
    var how: String
  }

  struct Failure: Error {}

  /// What a test wants to happen in the middle of this stage, by the step's working folder.
  static let moments = Mutex<[String: @Sendable (StageContext) throws -> Void]>([:])

  static let name = "fail"
  static let revision = 1
  static let summary = "Fails."
  static let fields = [
    ParameterField("how", .choice(["throw", "empty", "act"]), default: "throw", "in which way")
  ]
  static let slots = [Slot("text", [ToyStages.textKind])]
  static let output = ToyStages.countsKind
  static let publishes = [Published(file: "counts.csv", name: "counts-{step}.csv")]
  let parameters: Parameters

  init(_ parameters: Parameters) throws { self.parameters = parameters }

  func externalDigests(_ environment: StageEnvironment) throws -> [String: String] {
    let watched = environment.url("watched.txt")
    return FileManager.default.fileExists(atPath: watched.path)
      ? ["watched": try environment.digest(of: watched)] : [:]
  }

  func run(_ inputs: StageInputs, into output: URL, _ context: StageContext) async throws {
    let file = output.appending(path: "counts.csv")
    switch parameters.how {
    case "throw":
      try Data("half".utf8).write(to: file)
      throw Failure()
    case "empty": break
    default:
      let act = Fail.moments.withLock { $0[context.workingFolder.path] }
      try act?(context)
      try Data("word,count\n".utf8).write(to: file)
    }
  }
}
