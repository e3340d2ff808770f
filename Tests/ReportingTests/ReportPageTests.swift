import Foundation
import Insight
import Records
import Reporting
import Testing

struct ReportPageTests {
  private let html = ReportPage.html(SampleReport.make())

  @Test func isWellFormed() throws {
    for report in [SampleReport.make(), SampleReport.make(isFull: false), SampleReport.make(images: 0, isFull: false)] {
      let page = try MarkupChecker(ReportPage.html(report))
      let ids = page.elements.compactMap { $0.attributes["id"] }
      #expect(Set(ids).count == ids.count, "an id twice")
      let targets = page.elements.compactMap { $0.attributes["href"] }.filter { $0.hasPrefix("#") }
      #expect(targets.allSatisfy { ids.contains(String($0.dropFirst())) }, "a link to nowhere: \(targets)")
      #expect(page.elements.filter { $0.name == "img" }.allSatisfy { $0.attributes["alt"] != nil })
      #expect(page.elements.filter { $0.name == "h1" }.count == 1)
    }
  }

  /// A path may hold anything; it stays text wherever it stands.
  @Test func pathsStayText() throws {
    #expect(!html.contains("<script>alert"))
    #expect(html.contains("&lt;script&gt;alert(&#39;x&#39;)"))
    #expect(!html.contains("<b>skull"))
    #expect(html.contains("Archive &lt;one&gt;"))
    #expect(html.contains("a=&lt;b&gt;"))
    let scripts = try MarkupChecker(html).elements.filter { $0.name == "script" }
    #expect(scripts.count == 2)
    #expect(!html.unicodeScalars.contains("\u{0}"))
  }

  /// Nothing is loaded from anywhere; the only addresses are names of XML vocabularies.
  @Test func asksNothingOfAnyNetwork() throws {
    let rest = html.replacing("http://www.w3.org/2000/svg", with: "")
    for word in [
      "http:", "https:", "//cdn", "url(", "@import", "<link", "<iframe", "fetch(", "XMLHttpRequest", "localStorage",
    ] {
      #expect(!rest.contains(word), "\(word)")
    }
    for element in try MarkupChecker(html).elements {
      if let source = element.attributes["src"] { #expect(source.hasPrefix("thumbs/id")) }
    }
    #expect(html.contains("default-src 'none'"))
  }

  @Test func equalReportsGiveEqualBytes() {
    #expect(ReportPage.html(SampleReport.make()) == html)
    #expect(MetricsJSON.text(SampleReport.make().clusterings) == MetricsJSON.text(SampleReport.make().clusterings))
  }

  @Test func theFiguresAreThere() {
    let report = SampleReport.make()
    let step = report.clusterings[1]
    #expect(html.contains(report.verdict.sentence))
    for group in step.summary.groups {
      #expect(html.contains("id=\"h_20d_2fb-\(group.group)\""))
      #expect(html.contains(Escape.html(group.trust.sentence)))
      #expect(html.contains("<dd>\(Wording.decimal(group.cohesion))</dd>"))
      #expect(html.contains("thumbs/id\(group.medoid).jpg"))
    }
    let scores = step.truth!.scores
    for value in [scores.adjustedRandIndex, scores.adjustedMutualInformation, scores.accuracy] {
      #expect(html.contains(Wording.decimal(value, 3)))
    }
    for text in [
      "15 patients", "dbcv 0.43", "1 truncated", "ends after 12 rows", "Raw pixels", "abc123", "Not for diagnosis",
      "low contrast", "Effective rank", "View retrieval", "Divergence", "there are &lt;3&gt; of them",
    ] {
      #expect(html.contains(text), "\(text)")
    }
  }

  @Test func patientsAreCountedNotNamed() { #expect(!html.contains("p14")) }

  @Test func whatIsMissingIsLeftOut() {
    let bare = ReportPage.html(SampleReport.make(isFull: false))
    for id in ["truth", "training", "next"] {
      #expect(html.contains("<section id=\"\(id)\""))
      #expect(!bare.contains("<section id=\"\(id)\""))
    }
    #expect(bare.contains("Every file was read."))
    #expect(!bare.contains("<div class=\"switch\""))
  }

  @Test func fiveThousandImagesFitInAMegabyte() {
    let page = ReportPage.html(SampleReport.make(images: 5000))
    #expect(page.utf8.count < 1_000_000, "\(page.utf8.count) bytes")
  }

  @Test func longTablesAreCutAndSaySo() {
    var report = SampleReport.make()
    report.rejections = (0..<2500).map { Rejection(path: "f\($0)", code: .corrupt, message: "", stage: "ingest") }
    let page = ReportPage.html(report)
    #expect(page.contains("The first 2,000 are shown; all 2,500 are in <code>rejected.csv</code>."))
    #expect(page.components(separatedBy: "<tr data-code=").count == 2001)
  }
}
