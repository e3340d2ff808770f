import Foundation
import Insight
import Records
import Reporting
import Testing

struct PageDataTests {
  private func decode(_ data: PageData) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(data.json.utf8))
    return try #require(object as? [String: Any])
  }

  private func decodedBytes(_ text: Any?) throws -> Data {
    let text = try #require(text as? String)
    return try #require(Data(base64Encoded: text))
  }

  private func words(_ text: Any?) throws -> [Int] {
    let bytes = try decodedBytes(text)
    return stride(from: 0, to: bytes.count, by: 2).map { Int(bytes[$0]) + 256 * Int(bytes[$0 + 1]) }
  }

  /// The way the page's script reads them, in UTF-16 units.
  private func paths(_ packed: Any?) throws -> [String] {
    let entries = try #require(packed as? [Any])
    var before: [UInt16] = []
    var paths: [String] = []
    for index in stride(from: 0, to: entries.count, by: 2) {
      let rest = try #require(entries[index + 1] as? String)
      before = Array(before.prefix(entries[index] as! Int)) + Array(rest.utf16)
      paths.append(String(decoding: before, as: UTF16.self))
    }
    return paths
  }

  @Test func comesBackWhole() throws {
    var report = SampleReport.make()
    for (row, path) in ["😀a", "😀b", "😁b", "e\u{301}", "e\u{300}", "", "a\nb"].enumerated() {
      report.images[row].path = path
    }
    let object = try decode(PageData(report))
    #expect(object["n"] as? Int == report.images.count)
    #expect(try paths(object["paths"]).map { Array($0.utf16) } == report.images.map { Array($0.path.utf16) })
    #expect(object["ids"] as? [String] == report.images.map(\.id.rawValue))
    let steps = try #require(object["steps"] as? [[String: Any]])
    #expect(steps.map { $0["name"] as? String } == ["kmeans", "h d/b"])
    #expect(try words(steps[0]["labels"]) == report.clusterings[0].partition.labels.map { $0 ?? 65535 })
    let strengths = try decodedBytes(steps[0]["strengths"])
    #expect(strengths.map { Int($0) } == report.clusterings[0].partition.labels.map { $0 == nil ? 0 : 191 })
    let medoids = try #require(steps[0]["groups"] as? [[Any]]).map { $0[0] as? Int }
    #expect(medoids == report.clusterings[0].summary.groups.map(\.medoid))
  }

  @Test func positionsShareOneScale() throws {
    var report = SampleReport.make()
    report.map = (0..<60).map { SIMD2(Float($0), 7) }
    report.map[5] = SIMD2(.nan, 0)
    let positions = try words(try decode(PageData(report))["xy"])
    #expect(positions[0] == 0)
    #expect(positions[118] == 65535)
    #expect(positions[10] == 32768 && positions[11] == 32768)
    #expect((0..<60).filter { $0 != 5 }.allSatisfy { positions[2 * $0 + 1] == 32767 })
  }

  @Test func largeArchivesAreThinnedButKeepWhatIsShown() throws {
    let report = SampleReport.make(images: 300)
    let data = PageData(report, limit: 100)
    #expect(!data.isWhole)
    let shown = Set(
      report.clusterings.flatMap(\.summary.groups).flatMap { [$0.medoid] + ($0.typical + $0.odd).map(\.row) })
    #expect(shown.allSatisfy { data.place[$0] != nil })
    #expect((100...100 + shown.count).contains(data.place.count))
    #expect(try decode(data)["n"] as? Int == data.place.count)
    #expect(PageData(report, limit: 300).isWhole)
  }

  @Test func picturesStandInThePageOnce() throws {
    var report = SampleReport.make()
    let row = report.clusterings[0].summary.groups[0].medoid
    report.thumbnails = .embedded([row: Data([0xff, 0xd8, 1, 2, 3, 0xff, 0xd9])])
    let html = ReportPage.html(report)
    #expect(html.components(separatedBy: "/9gBAgP/2Q==").count == 2)
    #expect(html.contains("data-picture=\"\(row)\""))
    #expect(!html.contains("src=\"thumbs"))
  }
}
