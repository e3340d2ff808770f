import ArgumentParser
import Foundation
import Phantom
import Tensors

/// `medoid phantom --out DIR`.
struct PhantomCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phantom",
    abstract: "Draw a plausible archive of radiographs and tissue, with labels.csv beside the image folder.")

  @Option(help: ArgumentHelp("Gets images/ and labels.csv; must be empty or absent.", valueName: "DIR"))
  var out: String

  @Option(
    help: ArgumentHelp("Readable images, copies among them; 35 or more. Broken files come on top.", valueName: "N"))
  var images = 700

  @Option(help: ArgumentHelp("Another seed, another archive.", valueName: "N"))
  var seed: UInt64 = 7

  @Option(
    name: [.customShort("j"), .long], help: ArgumentHelp("Threads; the result doesn't depend on it.", valueName: "N"))
  var workers: Int?

  func run() throws {
    if images < 35 { throw ValidationError("--images \(images): 35 is the least, so that every kind occurs") }
    let display = ProgressDisplay(quiet: false, verbose: false)
    let summary = try PhantomArchive(images: images, seed: Seed(seed)).write(
      to: URL(filePath: out, directoryHint: .isDirectory), workers: WorkerPool(threads: Startup.workers(workers))
    ) { done, total in display.bar("phantom", done: done, total: total, unit: "files", detail: "") }
    display.finish()
    print("\(summary.files) files in \(out)/images, labels in \(out)/labels.csv")
  }
}
