import Foundation
import Insight

/// What the page's script draws and looks up, as one JSON object: positions, names, and each step's groups, packed.
///
/// Positions are 16-bit fractions of the map's extent, groups 16-bit numbers (65535: noise), probabilities bytes, all in
/// base64, little-endian; paths are stored as the length they share with the path before, and the rest. An archive of more
/// than `limit` images is thinned evenly; images that the page shows elsewhere always stay.
package struct PageData {
  /// More points than a browser pans smoothly.
  package static let limit = 50_000

  package let json: String
  /// Are all images on the page, or an even choice of them?
  package let isWhole: Bool
  /// For each row its place in the lists, for those that are on the page.
  package let place: [Int: Int]

  package init(_ report: Report, limit: Int = PageData.limit) {
    let rows = PageData.rows(of: report, limit: limit)
    isWhole = rows.count == report.images.count
    let place = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($0.element, $0.offset) })
    self.place = place
    var fields = ["\"n\":\(rows.count)"]
    if !report.map.isEmpty {
      precondition(report.map.count == report.images.count, "\(report.map.count) points, \(report.images.count) images")
      fields.append("\"xy\":\"\(PageData.positions(rows.map { report.map[$0] }))\"")
    }
    fields.append("\"paths\":\(PageData.paths(rows.map { report.images[$0].path }))")
    switch report.thumbnails {
    case .files(let folder):
      let parts = folder.split(separator: "/").map { Escape.url(String($0)) }
      fields.append("\"folder\":\(Escape.json(parts.joined(separator: "/")))")
      fields.append("\"ids\":[\(rows.map { Escape.json(report.images[$0].id.rawValue) }.joined(separator: ","))]")
    case .embedded(let pictures):
      let entries = rows.enumerated().compactMap { place, row in
        pictures[row].map { "\"\(place)\":\"\($0.base64EncodedString())\"" }
      }
      fields.append("\"pictures\":{\(entries.joined(separator: ","))}")
    }
    fields.append("\"steps\":[\(report.clusterings.map { PageData.step($0, rows, place) }.joined(separator: ","))]")
    json = "{\(fields.joined(separator: ",\n"))}"
  }

  private static func rows(of report: Report, limit: Int) -> [Int] {
    let count = report.images.count
    if count <= limit { return Array(0..<count) }
    var isShown = [Bool](repeating: false, count: count)
    for index in 0..<limit { isShown[index * count / limit] = true }
    for step in report.clusterings {
      for group in step.summary.groups {
        isShown[group.medoid] = true
        for exemplar in group.typical + group.odd { isShown[exemplar.row] = true }
      }
    }
    return (0..<count).filter { isShown[$0] }
  }

  /// Both axes share one scale, so that distances on the map are honest; positions that are not numbers lie in the middle.
  private static func positions(_ points: [SIMD2<Float>]) -> String {
    let known = points.filter { $0.x.isFinite && $0.y.isFinite }
    let low = known.reduce(known.first ?? .zero) { pointwiseMin($0, $1) }
    let high = known.reduce(known.first ?? .zero) { pointwiseMax($0, $1) }
    let extent = max((high - low).max(), .leastNormalMagnitude)
    let offset = (SIMD2(repeating: extent) - (high - low)) / 2
    return base64(
      points.flatMap { point -> [UInt16] in
        guard point.x.isFinite && point.y.isFinite else { return [32768, 32768] }
        let fraction = (point - low + offset) / extent * 65535
        return [UInt16(min(max(fraction.x, 0), 65535)), UInt16(min(max(fraction.y, 0), 65535))]
      })
  }

  private static func paths(_ paths: [String]) -> String {
    var before: [Unicode.Scalar] = []
    var entries: [String] = []
    for path in paths {
      let scalars = Array(path.unicodeScalars)
      var shared = 0
      // The script counts UTF-16 units; beyond the basic plane one scalar is two of them, so sharing stops there.
      while shared < min(before.count, scalars.count), before[shared] == scalars[shared], scalars[shared].value < 0xd800
      {
        shared += 1
      }
      var rest = String.UnicodeScalarView()
      rest.append(contentsOf: scalars[shared...])
      entries.append("\(shared),\(Escape.json(String(rest)))")
      before = scalars
    }
    return "[\(entries.joined(separator: ","))]"
  }

  private static func step(_ step: Report.ClusteringStep, _ rows: [Int], _ place: [Int: Int]) -> String {
    precondition(step.summary.groups.count < 65535, "\(step.summary.groups.count) groups on one page")
    let labels = base64(rows.map { step.partition.labels[$0].map { UInt16($0) } ?? 65535 })
    let strengths = Data(rows.map { UInt8(min(max(step.partition.strengths[$0], 0), 1) * 255 + 0.5) })
    let groups = step.summary.groups.map { "[\(place[$0.medoid] ?? 0),\($0.size),\"\($0.trust.grade.rawValue)\"]" }
    return """
      {"name":\(Escape.json(step.name)),"id":\(Escape.json(Escape.identifier(step.name))),"groups":[\(groups.joined(separator: ","))],\
      "labels":"\(labels)","strengths":"\(strengths.base64EncodedString())"}
      """
  }

  private static func base64(_ values: [UInt16]) -> String {
    var bytes = Data(capacity: values.count * 2)
    for value in values {
      bytes.append(UInt8(value & 255))
      bytes.append(UInt8(value >> 8))
    }
    return bytes.base64EncodedString()
  }
}
