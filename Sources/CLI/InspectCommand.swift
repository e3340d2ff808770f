import ArgumentParser
import Foundation
import Imaging

/// `medoid inspect FILE`: what a file holds, to the bit, and what the model would see of it.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "What a file holds: kind, size, type, range and digest of its decoded pixels.",
    discussion: """
      Pixels are those of all frames as stored: decompressed, before any rescale, window or turning; samples of a pixel
      together, rows from the top, little endian. Exits with 1 and the reason code where they can't be read.
      No identifier of a patient is printed.
      """)

  @Argument(help: ArgumentHelp("An image, a volume, a slide or a clip.", valueName: "FILE"))
  var file: String

  @Flag(help: "Print it as JSON.")
  var json = false

  @Option(help: ArgumentHelp("Write what the model will see as PNG.", valueName: "OUT"))
  var png: String?

  @Flag(help: "Print the header without what could tell who the patient is, instead.")
  var header = false

  @Option(help: ArgumentHelp("Which frame --png shows, from 0.", valueName: "N"))
  var frame = 0

  @Option(help: ArgumentHelp("Pixels on a side of --png.", valueName: "N"))
  var size = 224

  @Option(
    help: ArgumentHelp("pad, crop or stretch, for --png.", valueName: "HOW"),
    transform: {
      guard let fit = Preprocessing.Fit(rawValue: $0) else { throw ValidationError("pad, crop or stretch") }
      return fit
    })
  var fit = Preprocessing.Fit.pad

  func validate() throws {
    guard (1...16_384).contains(size) else { throw ValidationError("--size \(size): 1 to 16384 are possible") }
    if frame < 0 { throw ValidationError("--frame \(frame): frames are counted from 0") }
  }

  func run() throws {
    let pool = try DecoderPool(.thisProgram, children: 1, secondsPerFile: 3600)
    do throws(DecodeFailure) {
      if let png {
        try draw(to: URL(filePath: png), pool)
        if !json { return }
      }
      if header {
        let lines = try pool.header(file)
        if lines.isEmpty { printError("medoid: only DICOM files have a header that is shown") }
        if json { print(InspectionReport.json(ofHeader: lines)) }
        if !json && !lines.isEmpty { print(lines.joined(separator: "\n")) }
        return
      }
      let report = InspectionReport(try pool.inspect(file))
      print(json ? report.json : report.lines.joined(separator: "\n"))
    } catch {
      if json { print(InspectionReport.json(of: error)) }
      printError("medoid: \(file): \(error.code.rawValue): \(error.message)")
      throw ExitStatus.failed
    }
  }

  /// One picture, as preprocessing leaves it.
  private func draw(to target: URL, _ pool: DecoderPool) throws(DecodeFailure) {
    var options = ReadingOptions.everything
    options.preprocessing = Preprocessing(size: size, fit: fit)
    options.isExact = false
    var drawn: Result<DecodedImage, DecodeFailure>?
    let summary = try pool.read(ReadRequest(file, options, items: frame..<frame + 1)) { drawn = $0.outcome }
    guard let image = try drawn?.get() else {
      throw DecodeFailure(.noPixels, "there is no frame \(frame): the file holds \(summary.count), counted from 0")
    }
    let plane = image.height * image.width
    var samples = [UInt8](repeating: 0, count: plane * image.channels)
    for channel in 0..<image.channels {
      for i in 0..<plane {
        samples[i * image.channels + channel] = UInt8(image.pixels[channel * plane + i] * 255 + 0.5)
      }
    }
    do {
      try RasterWriter.write(
        samples, width: image.width, height: image.height, channels: image.channels, as: .png, to: target)
    } catch {
      throw DecodeFailure(.unreadable, "the picture can't be written")
    }
  }
}
