import Imaging

/// A hospital of the archive: how its X-ray room and its slide scanner make pictures look, whatever they show.
struct Site: Sendable {
  let name: String
  let folder: String
  let institution: String
  let radiography: RadiographyRoom
  let scanner: SlideScanner

  static let all: [Site] = [
    Site(
      name: "north", folder: "A1", institution: "Northfield General Hospital",
      radiography: RadiographyRoom(
        modality: "CR", manufacturer: "Phosphora", station: "NF-CR-02", matrices: [(320, 384), (384, 320), (352, 352)],
        bitsStored: 12, isInverted: true, encoding: .explicitLittleEndian, fileExtension: ".dcm",
        scatter: 0.14, sharpness: 0.9,
        quanta: 1800, contrast: 1.5, shutter: .leaky, rim: .none, lettersAreLead: true),
      scanner: SlideScanner(
        matrices: [(288, 288), (320, 256)], format: .png, haematoxylin: SIMD3(0.65, 0.70, 0.29),
        eosin: SIMD3(0.14, 0.88, 0.44), thickness: 1.0, sharpness: 0.6, noise: 0.010, gamma: 1.0, light: SIMD3(1, 1, 1))
    ),
    Site(
      name: "harbour", folder: "B7", institution: "Harbour Clinic",
      radiography: RadiographyRoom(
        modality: "DX", manufacturer: "Fluoralux", station: "HC-DX-1", matrices: [(256, 320), (320, 256), (288, 288)],
        bitsStored: 14, isInverted: false, encoding: .explicitLittleEndian, fileExtension: "",
        scatter: 0.06, sharpness: 0.55,
        quanta: 6000, contrast: 1.95, shutter: .black, rim: .none, lettersAreLead: false),
      scanner: SlideScanner(
        matrices: [(256, 256), (256, 320)], format: .tiff, haematoxylin: SIMD3(0.60, 0.72, 0.33),
        eosin: SIMD3(0.15, 0.89, 0.40), thickness: 1.25, sharpness: 0.9, noise: 0.018, gamma: 1.08,
        light: SIMD3(1, 0.97, 0.93))),
    Site(
      name: "hillside", folder: "C3", institution: "Hillside University Hospital",
      radiography: RadiographyRoom(
        modality: "DX", manufacturer: "Northray", station: "HUH-XR-5", matrices: [(448, 448), (400, 480), (480, 400)],
        bitsStored: 13, isInverted: false, encoding: .losslessJPEG, fileExtension: ".dcm",
        scatter: 0.10, sharpness: 0.7,
        quanta: 3500, contrast: 1.75, shutter: .black, rim: .black, lettersAreLead: false),
      scanner: SlideScanner(
        matrices: [(384, 384), (352, 320)], format: .png, haematoxylin: SIMD3(0.57, 0.74, 0.36),
        eosin: SIMD3(0.12, 0.87, 0.47), thickness: 0.8, sharpness: 0.5, noise: 0.007, gamma: 0.95,
        light: SIMD3(0.97, 0.98, 1))),
    Site(
      name: "valley", folder: "D5", institution: "Valley Community Hospital",
      radiography: RadiographyRoom(
        modality: "CR", manufacturer: "Phosphora", station: "VC-CR-1", matrices: [(256, 256), (300, 360), (360, 300)],
        bitsStored: 12, isInverted: true, encoding: .runLength, fileExtension: "",
        scatter: 0.2, sharpness: 1.2, quanta: 900,
        contrast: 1.4, shutter: .black, rim: .line, lettersAreLead: true),
      scanner: SlideScanner(
        matrices: [(320, 320), (288, 352)], format: .tiff, haematoxylin: SIMD3(0.66, 0.68, 0.32),
        eosin: SIMD3(0.18, 0.88, 0.42), thickness: 1.1, sharpness: 1.1, noise: 0.014, gamma: 1.05,
        light: SIMD3(1, 0.99, 0.96))),
  ]
}

/// An X-ray room: its detector, and the taste of whoever set up its pictures.
struct RadiographyRoom: Sendable {
  enum Shutter: Sendable { case leaky, black }
  enum Rim: Sendable { case none, black, line }

  let modality: String
  let manufacturer: String
  let station: String
  /// Width and height in pixels.
  let matrices: [(Int, Int)]
  let bitsStored: Int
  /// MONOCHROME1: small values are bright.
  let isInverted: Bool
  let encoding: DICOMWriter.Encoding
  let fileExtension: String
  /// Scattered light as a share of the primary beam; the detector's blur in pixels of a 320-pixel picture.
  let scatter, sharpness: Double
  /// Photons a pixel in the open beam.
  let quanta: Double
  /// Slope of the tone curve.
  let contrast: Double
  /// What a pixel outside the collimator becomes: black, or a grey of stray light.
  let shutter: Shutter
  /// The frame round the picture: none, a black one, a thin bright line.
  let rim: Rim
  /// Side letters lie in the beam as lead, or are burned in afterwards.
  let lettersAreLead: Bool
}

/// A slide scanner and the stainer beside it.
struct SlideScanner: Sendable {
  enum Format: Sendable { case png, tiff }

  /// Width and height in pixels.
  let matrices: [(Int, Int)]
  let format: Format
  /// Optical density a unit of stain in red, green and blue (after Ruifrok and Johnston 2001, moved a little).
  let haematoxylin, eosin: SIMD3<Double>
  let thickness: Double
  /// Blur in pixels, noise as a share of full scale, tone, colour of the lamp.
  let sharpness, noise, gamma: Double
  let light: SIMD3<Double>
}
