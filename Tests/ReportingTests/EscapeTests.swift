import Foundation
import Reporting
import Testing

struct EscapeTests {
  private static let everything = String(
    String.UnicodeScalarView((0...0x2fff).compactMap { Unicode.Scalar($0) } + ["😀"]))

  @Test func html() {
    #expect(Escape.html("<a href='x'>&\"") == "&lt;a href=&#39;x&#39;&gt;&amp;&quot;")
    #expect(Escape.html("a\u{0}b\u{1b}\n\t") == "a\u{fffd}b\u{fffd}\n\t")
    #expect(!Escape.html(Self.everything).contains { "<>\"'".contains($0) })
  }

  /// JSON of every character comes back whole from another reader, and holds nothing a script element would trip over.
  @Test func json() throws {
    let text = Escape.json(Self.everything)
    let back = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? String
    #expect(back == Self.everything)
    #expect(!text.contains { "<>&\u{2028}\u{2029}".contains($0) })
  }

  @Test func url() {
    #expect(Escape.url("a b/ü?#%") == "a%20b%2F%C3%BC%3F%23%25")
    #expect(Escape.url("3f9a-2_x.jpg~") == "3f9a-2_x.jpg~")
    #expect(Escape.url(Self.everything).removingPercentEncoding == Self.everything)
  }

  @Test func identifiersNeverMeet() {
    let names = ["a b", "a_b", "a-b", "a/b", "a_20b", "A b", "", "ä"]
    #expect(Set(names.map { Escape.identifier($0) }).count == names.count)
    #expect(Escape.identifier("h d/b") == "h_20d_2fb")
  }

  @Test func markupEscapesWhatIsInterpolated() {
    let path = "<script>"
    let markup: Markup = "<td>\(path)</td>"
    #expect(markup.text == "<td>&lt;script&gt;</td>")
    #expect(
      ("<tr>\(markup)\([markup, markup])\(7)</tr>" as Markup).text
        == "<tr>\(markup.text)\(markup.text)\(markup.text)7</tr>")
    #expect((markup + markup).text == markup.text + markup.text)
  }
}
