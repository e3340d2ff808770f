import Foundation
import Imaging
import TestSupport
import Testing

struct QualityFlagsTests {
  private func facts(_ data: Data) throws -> ImageFacts {
    try withTemporaryFolder { folder in
      try data.write(to: folder.appending(path: "picture"))
      return try DirectDecoder().decode(folder.appending(path: "picture").path, Preprocessing(size: 4)).facts
    }
  }

  private func flags(_ data: Data) throws -> [String] { try facts(data).flags }

  @Test func tonesAreFlaggedByTheirOwnDefect() throws {
    #expect(try flags(Samples.pgm(32, 32) { _, _ in 90 }) == ["blank"])
    #expect(try flags(Samples.pgm(32, 32) { _, _ in 255 }) == ["blank"])
    #expect(try flags(Samples.pgm(32, 32) { _, _ in 0 }) == ["black", "blank"])
    #expect(try flags(Samples.pgm(32, 32) { x, y in UInt8(100 + x / 4) }).contains("low_contrast"))
    #expect(try flags(Samples.pgm(32, 32) { x, y in y < 4 ? 255 : UInt8(x * 7) }).contains("clipped"))
    #expect(!(try flags(Samples.pgm(64, 64) { x, y in UInt8(x * 3 + y) }).contains("clipped")))
  }

  /// A chest seen from afar: dark air, a bright body with two dark lungs, ribs, a spine, grain.
  private func film(_ seed: Int, width: Int = 300, height: Int = 280) -> Canvas {
    Canvas(width, height) { x, y in
      let (u, v) = (Double(x) / Double(width) * 2 - 1, Double(y) / Double(height) * 2 - 1)
      let shift = Double(seed % 5) * 0.02
      var shade = 0.05 + 0.02 * (v + 1)
      if abs(u + shift) < 0.66 + 0.18 * sin(v * 2.2) { shade = 0.62 + 0.05 * sin(v * 9 + u * 7) }
      for side in [-1.0, 1.0] {
        let (a, b) = ((u + shift - side * 0.36) / 0.26, (v + 0.12) / 0.55)
        if a * a + b * b < 1 { shade = 0.28 + 0.1 * sin(v * 28 + side * u * 4) + 0.04 * sin(u * 41 + Double(seed)) }
      }
      if abs(u + shift) < 0.1 { shade = 0.8 + 0.05 * sin(v * 40) }
      let grain = Double((x &* 7919 &+ y &* 104_729 &+ seed &* 31) &* 2_654_435_761 >> 12 & 255) / 255 - 0.5
      return Float(shade + 0.03 * grain)
    }
  }

  @Test func drawnFilmsAreFlaggedByWhatWasDoneToThem() throws {
    for seed in 0..<3 {
      let clean = try facts(film(seed).data)
      #expect(clean.flags.isEmpty, "untouched: \(clean.flags)")
      for defect in Defect.allCases {
        for strength in 1..<3 {
          let spoilt = try facts(defect.spoil(film(seed), strength, seed: seed).data)
          // What is left of no contrast at all is called blank.
          let isFlagged = spoilt.flags.contains(defect.rawValue) || defect == .low_contrast && spoilt.flags == ["blank"]
          #expect(isFlagged, "\(defect) \(strength) \(spoilt.scores)")
          #expect(spoilt.scores[defect.rawValue]! > clean.scores[defect.rawValue]!, "\(defect) \(strength)")
        }
      }
    }
  }

  /// A letter for the side is on every film and is no text.
  @Test func aSideLetterIsNotText() throws {
    let lettered = BitmapText.draw(["R"], on: film(1), scale: 3, at: (4, 4))
    #expect(try facts(lettered.data).scores["burned_in_text"] == 0)
  }

  @Test func smallAndNarrowPicturesAreJudgedWithoutShape() throws {
    for (width, height) in [(1, 1), (1, 40), (5000, 3), (31, 31)] {
      let scores = try facts(Samples.pgm(width, height) { x, y in UInt8((x * 37 + y * 11) % 200) }).scores
      for name in ["collimated", "blurred", "burned_in_text"] { #expect(scores[name]! < 0.5, "\(width) × \(height)") }
    }
  }

  @Test func coloursAreNeverCalledInverted() throws {
    let bright = Samples.ppm(64, 64) { x, y, channel in
      (x - 32) * (x - 32) + (y - 32) * (y - 32) < 400 ? UInt8(60 + 20 * channel) : UInt8(250 - channel)
    }
    #expect(try facts(bright).scores["inverted"] == 0)
  }
}

@Suite(.enabled(if: RealData.isPresent, "no real images beside the checkout"))
struct RealQualityTests {
  /// What a flag's score must separate: planted defects from the untouched pictures they were planted in.
  private let leastArea = 0.95

  private func facts(_ canvas: Canvas, _ folder: URL) throws -> ImageFacts {
    let file = folder.appending(path: "picture")
    try canvas.data.write(to: file)
    return try DirectDecoder().decode(file.path, Preprocessing(size: 4)).facts
  }

  /// Every `step`-th file of a set, by name.
  private func files(_ set: String, every step: Int) throws -> [String] {
    let folder = RealData.file("\(set)/images").path
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    return stride(from: 0, to: names.count, by: step).map { "\(folder)/\(names[$0])" }
  }

  @Test func noUntouchedFilmIsFlagged() throws {
    for file in try files("cxr_nih", every: 1) {
      let facts = try DirectDecoder().decode(file, Preprocessing(size: 4)).facts
      #expect(facts.flags.isEmpty, "\(facts.flags)")
    }
  }

  /// Thresholds were set with pictures of these kinds in sight, so this shows that flags separate here, not how they do elsewhere. On sets that were not
  /// in sight (breast ultrasound, fundus, kidney stains, COVID-19 films, MedNIST at 64 pixels) the same areas are 0.97 and more, but for `burned_in_text`
  /// (0.91) and `collimated` (0.94) at 64 pixels, and for `inverted` where there is no air around a body: ultrasound and tissue. A black frame in the
  /// black air of CT and MR cannot be seen, so those are not asked for it.
  @Test(arguments: ["cxr_nih", "cxr_pediatric", "brain_mri", "kidney_ct"])
  func plantedDefectsAreToldFromUntouchedPictures(_ set: String) throws {
    let pictures = try files(set, every: set == "cxr_nih" ? 8 : 24).map { try Canvas(file: $0) }
    try withTemporaryFolder { folder in
      let untouched = try pictures.map { try facts($0, folder).scores }
      for defect in Defect.allCases where !(defect == .collimated && !set.hasPrefix("cxr")) {
        var planted: [Double] = []
        for (seed, picture) in pictures.enumerated() {
          for strength in 0..<3 {
            planted.append(try facts(defect.spoil(picture, strength, seed: seed), folder).scores[defect.rawValue]!)
          }
        }
        let area = areaUnderCurve(planted, untouched.map { $0[defect.rawValue]! })
        #expect(area >= leastArea, "\(set) \(defect): \(area)")
      }
    }
  }

  @Test(arguments: ["tissue_lc25000", "oral_histology"])
  func plantedDefectsAreToldFromUntouchedTissue(_ set: String) throws {
    let pictures = try files(set, every: 20).map { try Canvas(file: $0) }
    try withTemporaryFolder { folder in
      let untouched = try pictures.map { try facts($0, folder).scores }
      for defect in [Defect.blank, .low_contrast, .clipped, .blurred] {
        var planted: [Double] = []
        for (seed, picture) in pictures.enumerated() {
          for strength in 0..<3 {
            planted.append(try facts(defect.spoil(picture, strength, seed: seed), folder).scores[defect.rawValue]!)
          }
        }
        let area = areaUnderCurve(planted, untouched.map { $0[defect.rawValue]! })
        #expect(area >= leastArea, "\(set) \(defect): \(area)")
      }
    }
  }
}
