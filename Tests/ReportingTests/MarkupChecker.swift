import TestSupport

/// A small reader of HTML as we write it: every tag closed in order, every attribute quoted, no stray `<` or `&`. It hands back
/// the elements it saw, so that tests can ask for them.
struct MarkupChecker {
  private(set) var elements: [(name: String, attributes: [String: String])] = []
  private static let void: Set<String> = ["meta", "img", "input", "br", "link"]
  private static let raw: Set<String> = ["script", "style"]

  /// - Throws: `Mismatch` with the place of the first fault.
  init(_ html: String) throws {
    let text = Array(html.unicodeScalars)
    var open: [String] = []
    var at = 0
    func fault(_ what: String) -> Mismatch {
      Mismatch(
        "\(what) at \(at): …\(String(String.UnicodeScalarView(text[max(0, at - 60)..<min(text.count, at + 40)])))…")
    }
    func starts(_ word: String) -> Bool {
      let word = Array(word.unicodeScalars)
      return at + word.count <= text.count && Array(text[at..<at + word.count]) == word
    }
    while at < text.count {
      if text[at] == "&" {
        let end = text[at...].prefix(8).firstIndex(of: ";")
        if end == nil { throw fault("a bare &") }
      }
      if text[at] != "<" {
        if text[at] == ">" { throw fault("a bare >") }
        at += 1
        continue
      }
      if starts("<!doctype html>") {
        at += 15
        continue
      }
      let isClosing = starts("</")
      at += isClosing ? 2 : 1
      let name = Self.name(text, &at)
      if name.isEmpty { throw fault("no name of a tag") }
      if isClosing {
        if open.popLast() != name || at >= text.count || text[at] != ">" { throw fault("</\(name)> closes nothing") }
        at += 1
        continue
      }
      var attributes: [String: String] = [:]
      while at < text.count, text[at] == " " {
        at += 1
        let key = Self.name(text, &at)
        if key.isEmpty { throw fault("no name of an attribute in <\(name)>") }
        if attributes[key] != nil { throw fault("\(key) twice") }
        attributes[key] = ""
        if at < text.count, text[at] == "=" {
          if text[at + 1] != "\"" { throw fault("an attribute without quotes") }
          let end = text[(at + 2)...].firstIndex(of: "\"") ?? text.endIndex
          let value = text[at + 2..<end]
          if value.contains("<") { throw fault("< in an attribute") }
          attributes[key] = String(String.UnicodeScalarView(value))
          at = end + 1
        }
      }
      let isSelfClosing = starts("/>")
      if isSelfClosing { at += 1 }
      if at >= text.count || text[at] != ">" { throw fault("<\(name)> does not end") }
      at += 1
      elements.append((name, attributes))
      if isSelfClosing || Self.void.contains(name) { continue }
      if Self.raw.contains(name) {
        let closing = Array("</\(name)>".unicodeScalars)
        while at < text.count,
          !(text[at] == "<" && at + closing.count <= text.count && Array(text[at..<at + closing.count]) == closing)
        {
          at += 1
        }
        if at >= text.count { throw fault("<\(name)> is not closed") }
        at += closing.count
      } else {
        open.append(name)
      }
    }
    if !open.isEmpty { throw Mismatch("not closed: \(open)") }
  }

  private static func name(_ text: [Unicode.Scalar], _ at: inout Int) -> String {
    let start = at
    while at < text.count, text[at].properties.isAlphabetic || text[at] == "-" || ("0"..."9").contains(text[at]) {
      at += 1
    }
    return String(String.UnicodeScalarView(text[start..<at]))
  }
}
