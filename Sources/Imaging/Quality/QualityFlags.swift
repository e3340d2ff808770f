import Foundation

/// What looks wrong with a picture, judged on the full-size decode: scores of 0…1, and a flag wherever a score is at least ½.
///
/// | name | what is measured |
/// |---|---|
/// | `blank` | spread of the means of blocks, where the picture is reduced to 32 × 32 |
/// | `black` | the 99th percentile |
/// | `low_contrast` | distance of the 1st and 99th percentiles |
/// | `clipped` | share of the samples at the brightest value of their channel |
/// | `inverted` | how bright the corners are against the middle: `FilmPolarity`; grey pictures alone, and none of a modality without film |
/// | `collimated` | share of the picture that straight-edged borders of one shade take: `Collimation` |
/// | `blurred` | how fast differences grow with distance: `Sharpness` |
/// | `burned_in_text` | glyphs that stand in rows: `BurnedInText` |
///
/// The first four are of the full-size picture, the others of reductions by whole factors to at most 256, 512 and 1024 pixels a side. A blank or black
/// picture has no other flag. Black is never called clipped: a dark background is what a radiograph has.
/// In colour more is asked for, of samples clipped and of glyphs: one dye fills its channel, and cells stand in rows as letters do.
/// Every score is monotone in what it measures; which amount gives ½ stands beside it.
enum QualityFlags {
  struct Judgement: Sendable, Equatable {
    /// Sorted names.
    var flags: [String]
    /// By name, rounded to 6 digits.
    var scores: [String: Double]
  }

  /// Modalities whose pictures have no polarity of film: ultrasound, photographs, endoscopes, microscopes (PS3.3 C.7.3.1.1.1).
  private static let withoutPolarity: Set<String> = ["US", "IVUS", "OP", "OPT", "XC", "ES", "GM", "SM"]

  /// - Parameter modality: the header's; empty where nobody says.
  /// - Complexity: O(pixels). Deterministic.
  static func judge(_ picture: Picture, modality: String = "") -> Judgement {
    let (shades, large) = ShadeCensus.take(picture, reducedTo: 1024)
    let medium = large.reduced(toAtMost: 512)
    let small = large.reduced(toAtMost: 256)
    let isGrey = picture.channels == 1
    var scores: [String: Double] = [:]
    /// An amount of which `half` gives ½.
    func more(_ amount: Double, half: Double) -> Double { amount / (amount + half) }
    func less(_ amount: Double, half: Double) -> Double { half / (half + amount) }
    func step(_ amount: Double, half: Double, slope: Double) -> Double { 1 / (1 + exp(-slope * (amount - half))) }
    scores["blank"] = less(large.reduced(toAtMost: 32).spread(), half: 0.015)
    scores["black"] = less(shades.percentile(0.99), half: 0.06)
    let isEmpty = max(scores["blank"]!, scores["black"]!) >= 0.5
    scores["low_contrast"] = less(shades.percentile(0.99) - shades.percentile(0.01), half: 0.1)
    scores["clipped"] = isEmpty ? 0 : more(shades.shareOfBrightest, half: isGrey ? 0.03 : 0.1)
    scores["inverted"] =
      isEmpty || !isGrey || withoutPolarity.contains(modality)
      ? 0 : step(FilmPolarity.measure(small), half: 0.12, slope: 10)
    scores["collimated"] = isEmpty ? 0 : more(Collimation.measure(small), half: 0.2)
    scores["blurred"] = isEmpty ? 0 : step(Sharpness.measure(medium), half: 0.455, slope: 60)
    scores["burned_in_text"] = isEmpty ? 0 : more(Double(BurnedInText.glyphs(large)), half: isGrey ? 16 : 40)
    scores = scores.mapValues { ($0 * 1e6).rounded() / 1e6 }
    var flags = scores.filter { $0.value >= 0.5 }.keys.sorted()
    if isEmpty { flags.removeAll { $0 == "low_contrast" } }
    return Judgement(flags: flags, scores: scores)
  }
}
