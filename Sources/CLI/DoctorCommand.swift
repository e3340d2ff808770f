import ArgumentParser
import Foundation
import Imaging
import Pipeline
import Stages
import Storage
import Tensors

/// `medoid doctor`: what this machine has, and how to mend what is missing.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check toolchain, libraries, vector units, memory and disk; exits with 3 when something must be mended.")

  @Option(help: ArgumentHelp("Where results are kept (MEDOID_STORE); Data/cache unless given.", valueName: "DIR"))
  var store: String?

  func run() throws {
    let folder = URL(
      filePath: store ?? ProcessInfo.processInfo.environment["MEDOID_STORE"] ?? "Data/cache",
      directoryHint: .isDirectory)
    let findings = Examination.all(store: folder)
    let width = findings.map(\.subject.count).max() ?? 0
    for finding in findings {
      print(
        "\(finding.state.mark)  \(finding.subject.padding(toLength: width, withPad: " ", startingAt: 0))  \(finding.text)"
      )
      if let remedy = finding.remedy { print("   \(String(repeating: " ", count: width))  → \(remedy)") }
    }
    if findings.contains(where: { $0.state == .bad }) { throw ExitStatus.checkFailed }
  }
}

/// One thing looked at.
struct Finding {
  enum State {
    case good, worthKnowing, bad

    var mark: String {
      switch self {
      case .good: "ok  "
      case .worthKnowing: "note"
      case .bad: "BAD "
      }
    }
  }

  let state: State
  let subject: String
  let text: String
  var remedy: String?
}

/// What `doctor` looks at. The libraries are linked, so that this program runs at all says that they are there; the checks
/// below say which, and whether they are the fast ones.
enum Examination {
  static func all(store: URL) -> [Finding] {
    [toolchain(), vectorUnits(), products()] + libraries() + [decoders(), cores(), memory(), disk(store)]
  }

  private static func toolchain() -> Finding {
    let found = output(of: "swift", ["--version"])?.split(separator: "\n").first.map(String.init)
    guard let found else {
      return Finding(
        state: .worthKnowing, subject: "toolchain",
        text: "no swift in PATH: this program runs, but can't be built anew",
        remedy: "https://www.swift.org/install (6.2 or newer)")
    }
    return Finding(state: .good, subject: "toolchain", text: found)
  }

  private static func vectorUnits() -> Finding {
    Finding(
      state: Arithmetic.kernels == "portable" ? .worthKnowing : .good, subject: "vector units",
      text: "our kernels use \(Arithmetic.kernels); networks: \(Arithmetic.fastestNetwork)")
  }

  private static func products() -> Finding {
    if let set = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] {
      return Finding(
        state: .worthKnowing, subject: "products",
        text: "OpenBLAS with its \(BLAS.kernelFamily) kernels, because OPENBLAS_CORETYPE=\(set) is set",
        remedy: "unset it to let OpenBLAS choose for this processor, unless the same bytes on other machines are wanted"
      )
    }
    return Finding(state: .good, subject: "products", text: "OpenBLAS with its \(BLAS.kernelFamily) kernels")
  }

  private static func libraries() -> [Finding] {
    ([("hdf5", HDF5Library.version)] + ImagingLibraries.versions).map {
      Finding(state: .good, subject: $0.0, text: $0.1)
    }
  }

  /// Starts one child and asks it for nothing: GDCM and vips run only there.
  private static func decoders() -> Finding {
    do {
      _ = try DecoderPool(.thisProgram, children: 1)
      return Finding(state: .good, subject: "decoders", text: "child processes start")
    } catch {
      return Finding(
        state: .bad, subject: "decoders", text: explain(error),
        remedy: "allow this program to start itself as a child process")
    }
  }

  private static func cores() -> Finding {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return Finding(state: .good, subject: "cores", text: "\(cores); -j changes how many are used, never the result")
  }

  private static func memory() -> Finding {
    let bytes = ProcessInfo.processInfo.physicalMemory
    let text = "\(bytes >> 30) GB"
    if bytes < 2 << 30 {
      return Finding(
        state: .worthKnowing, subject: "memory", text: text,
        remedy: "large archives will not fit: ingest at a smaller size")
    }
    return Finding(state: .good, subject: "memory", text: text)
  }

  private static func disk(_ store: URL) -> Finding {
    var place = store.standardizedFileURL
    while !FileManager.default.fileExists(atPath: place.path) && place.path != "/" { place.deleteLastPathComponent() }
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: place.path)
    let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
    let text = "\(free >> 30) GB free for the store in \(store.relativePath)"
    if !FileManager.default.isWritableFile(atPath: place.path) {
      return Finding(
        state: .bad, subject: "disk", text: "\(place.path) can't be written",
        remedy: "name another store: --store DIR or MEDOID_STORE")
    }
    if free < 1 << 30 {
      return Finding(
        state: .bad, subject: "disk", text: text, remedy: "free some space, or name another store: --store DIR")
    }
    return Finding(state: .good, subject: "disk", text: text)
  }

  /// The standard output of a program found in PATH, or nil.
  private static func output(of program: String, _ arguments: [String]) -> String? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
  }
}
