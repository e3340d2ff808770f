import Foundation

/// The built `medoid`, run as a user runs it, in a folder of its own.
struct Program {
  let folder: URL

  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  /// It lies beside the tests' own program.
  private static let executable = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "medoid")

  /// Runs `medoid` with these arguments and waits.
  func callAsFunction(_ arguments: String...) throws -> Outcome { try self(arguments) }

  func callAsFunction(_ arguments: [String]) throws -> Outcome {
    let process = try start(arguments)
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try text(Program.output), errors: try text(Program.errors))
  }

  private static let (output, errors) = (".stdout", ".stderr")

  /// Starts `medoid`, one at a time in a folder. The identifier key is fixed, so that equal bytes can be asked for.
  func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = Program.executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(["MEDOID_KEY": "end to end"]) { $1 }
    process.environment?["MEDOID_STORE"] = nil
    let (output, errors) = (folder.appending(path: Program.output), folder.appending(path: Program.errors))
    for file in [output, errors] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    return process
  }

  func data(_ path: String) throws -> Data { try Data(contentsOf: folder.appending(path: path)) }

  func text(_ path: String) throws -> String { try String(contentsOf: folder.appending(path: path), encoding: .utf8) }

  func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: folder.appending(path: path).path) }

  /// All regular files below a folder, by relative path, sorted.
  func files(below path: String) -> [String] {
    let root = folder.appending(path: path)
    let names = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String } ?? []
    return names.filter {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: root.appending(path: $0).path, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }

  /// The first cell of every row of a CSV without quoting, the header left out.
  func column(_ index: Int, of path: String) throws -> [String] {
    try text(path).split(separator: "\n").dropFirst().map {
      String($0.split(separator: ",", omittingEmptySubsequences: false)[index])
    }
  }
}
