import Foundation
import Reporting
import Testing

struct MetricsJSONTests {
  @Test func readsBack() throws {
    let report = SampleReport.make()
    let text = MetricsJSON.text(report.clusterings)
    let parsed = try JSONSerialization.jsonObject(with: Data(text.utf8))
    let object = try #require(parsed as? [String: [String: Any]])
    #expect(object.keys.sorted() == ["h d/b", "kmeans"])
    #expect(object["kmeans"]?.keys.sorted() == ["groups", "noise_share", "rows"])
    let step = try #require(object["h d/b"])
    let scores = try #require(report.clusterings[1].truth?.scores)
    #expect(step["ari"] as? Double == scores.adjustedRandIndex)
    #expect(step["noise"] as? Double == scores.noise)
    #expect(step["dbcv"] as? Double == 0.4321)
    #expect(step["groups"] as? Int == 3)
  }

  @Test func whatIsNoNumberIsNull() {
    var step = SampleReport.make().clusterings[0]
    step.measures = [.init("dbcv", .nan)]
    #expect(MetricsJSON.text([step]).contains("\"dbcv\": null"))
    #expect(MetricsJSON.text([]) == "{}\n")
  }
}
