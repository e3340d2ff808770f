import Foundation
import Imaging
import Records

/// An inspection in words and as JSON; the keys are listed in `Documentation/Formats.md`.
struct InspectionReport {
  private let inspection: FileInspection

  init(_ inspection: FileInspection) { self.inspection = inspection }

  /// One line a fact.
  var lines: [String] {
    let width = fields.map(\.name.count).max() ?? 0
    return fields.map { "\($0.name.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.value.text)" }
  }

  /// One object on one line.
  var json: String {
    "{" + fields.map { "\(Value.text($0.name).json): \($0.value.json)" }.joined(separator: ", ") + "}"
  }

  /// A file that could not be read, as the same kind of object.
  static func json(of failure: DecodeFailure) -> String {
    "{\"error\": \(Value.text(failure.code.rawValue).json), \"message\": \(Value.text(failure.message).json)}"
  }

  /// The lines of a header.
  static func json(ofHeader lines: [String]) -> String {
    "{\"header\": [" + lines.map { Value.text($0).json }.joined(separator: ", ") + "]}"
  }

  private enum Value {
    case text(String)
    case whole(Int)
    case real(Double?)
    case flag(Bool)

    var text: String {
      switch self {
      case .text(let text): text
      case .whole(let number): NumberText.text(number)
      case .real(let number): NumberText.text(number)
      case .flag(let flag): flag ? "yes" : "no"
      }
    }

    var json: String {
      switch self {
      case .text(let text):
        // Our own words and code strings: quotes and backslashes are all there is to escape, but control characters would break it.
        "\""
          + text.unicodeScalars.map {
            $0 == "\"" ? "\\\"" : $0 == "\\" ? "\\\\" : $0.value < 32 ? " " : String($0)
          }.joined() + "\""
      case .whole(let number): NumberText.text(number)
      case .real(let number): number.map { NumberText.json($0) } ?? "null"
      case .flag(let flag): flag ? "true" : "false"
      }
    }
  }

  /// Whole numbers of whole types are written as such.
  private func bound(_ value: Double?) -> Value {
    if let value, !inspection.type.hasPrefix("float"), let whole = Int(exactly: value) { return .whole(whole) }
    return .real(value)
  }

  private var fields: [(name: String, value: Value)] {
    let facts = inspection.facts
    var fields: [(name: String, value: Value)] = [
      ("kind", .text(facts.kind.rawValue)), ("rows", .whole(inspection.rows)), ("columns", .whole(inspection.columns)),
      ("frames", .whole(inspection.pictures)), ("samples", .whole(inspection.samples)),
      ("dtype", .text(inspection.type)), ("bits", .whole(facts.bits)), ("min", bound(inspection.minimum)),
      ("max", bound(inspection.maximum)), ("mean", .real(inspection.mean)),
      ("pixels_sha256", .text(inspection.pixelDigest)), ("rendering", .text(facts.rendering.rawValue)),
    ]
    let codes = [("modality", facts.modality), ("body_part", facts.bodyPart), ("view", facts.view)]
    for (name, code) in codes where !code.isEmpty { fields.append((name, .text(code))) }
    if facts.orientation != 1 { fields.append(("exif_orientation", .whole(facts.orientation))) }
    if facts.hasColourProfile { fields.append(("icc_profile_ignored", .flag(true))) }
    if let resolution = facts.micrometresPerPixel { fields.append(("mpp", .real(resolution))) }
    return fields
  }
}
