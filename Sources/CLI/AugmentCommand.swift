import ArgumentParser
import Augmentation
import Foundation
import Imaging
import Tensors

/// `medoid augment FILE-OR-FOLDER`: how a preset varies images, as a sheet to look at before hours of training.
struct AugmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "augment",
    abstract: "Show how training varies images: a sheet of crops.",
    discussion: """
      A row an image: as it is, the two large crops, then small ones at twice their size, as the networks get them.
      Of a folder, images evenly spread over it; of a clip, a volume or a slide, its frames, slices or tiles.
      The same images, preset and seed give the same sheet.
      """)

  @Argument(help: ArgumentHelp("An image, a volume, a clip, or a folder of them.", valueName: "FILE-OR-FOLDER"))
  var from: String

  @Option(
    help: ArgumentHelp(AugmentationPreset.names.joined(separator: ", ") + ".", valueName: "NAME"),
    transform: { name in
      guard AugmentationPreset.named(name) != nil else {
        throw ValidationError("there is no preset \(name): \(AugmentationPreset.names.joined(separator: ", "))")
      }
      return name
    })
  var preset = "medical"

  @Option(help: ArgumentHelp("The sheet.", valueName: "OUT"))
  var png: String

  @Option(
    help: ArgumentHelp("Pixels on a side of images and large crops; even. Small crops have half.", valueName: "N"))
  var size = 224

  @Option(help: ArgumentHelp("Rows.", valueName: "N"))
  var images = 6

  @Option(help: ArgumentHelp("Crops of each image, the two large ones among them.", valueName: "N"))
  var crops = 8

  @Option(help: ArgumentHelp("Every random number of the sheet comes from it.", valueName: "N"))
  var seed: UInt64 = 7

  func validate() throws {
    if !(16...1024).contains(size) || size % 2 != 0 {
      throw ValidationError("--size \(size): even numbers from 16 to 1024 are possible")
    }
    if !(1...64).contains(images) { throw ValidationError("--images \(images): 1 to 64 are possible") }
    if !(2...32).contains(crops) { throw ValidationError("--crops \(crops): 2 to 32 are possible") }
  }

  func run() throws {
    guard let chosen = AugmentationPreset.named(preset) else { preconditionFailure("the preset \(preset) was checked") }
    let taken = try SampledImages(from: from, size: size, count: images)
    if let message = taken.passedOver { printError("medoid: \(message)") }
    guard !taken.stacks.isEmpty else {
      printError("medoid: \(from): no image in it can be read")
      throw ExitStatus.failed
    }
    let sheet = ContactSheet(taken.stacks, preset: chosen, side: size, crops: crops, seed: Seed(seed))
    do {
      try RasterWriter.write(
        sheet.pixels, width: sheet.width, height: sheet.height, as: .png, to: URL(filePath: png))
    } catch {
      printError("medoid: \(png): the sheet can't be written")
      throw ExitStatus.failed
    }
  }
}
