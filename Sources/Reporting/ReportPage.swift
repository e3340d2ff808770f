/// The page of a run: one HTML file that opens offline, on any screen, by keyboard, and prints.
///
/// It loads nothing from anywhere but the thumbnails beside it, and its content policy forbids it to try. It lies in
/// `report/index.html`. A pure function: equal reports give equal bytes.
public enum ReportPage {
  /// - Complexity: O(images + groups), about 100 bytes an image.
  public static func html(_ report: Report) -> String {
    let page = Page(report)
    let map = page.map()
    let truth = page.truth()
    let training = page.training()
    let next = page.next()
    let entries: [(String, String, Bool)] = [
      ("map", "Map", map != nil), ("groups", "Groups", true), ("truth", "Truth", truth != nil),
      ("next", "Next", next != nil),
      ("training", "Features", training != nil), ("files", "Files", report.hasFiles), ("parameters", "Method", true),
    ]
    let links = entries.filter(\.2).map { "<a href=\"#\($0.0)\">\($0.1)</a>" as Markup }
    let document: Markup = """
      <!doctype html>
      <html lang="en">
      <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src 'self' file: data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
      <title>\(report.title) – Medoid</title>
      <style>\(verbatim: Stylesheet.text)</style></head>
      <body><a class="skip" href="#groups">Skip to the groups</a>
      <nav class="top" aria-label="Page"><a class="brand" href="#overview">\(brand)Medoid</a><div class="links">\(links)</div><span class="push"></span>\(switches(report))<button type="button" id="theme" class="quiet" aria-label="Light or dark">◐</button></nav>
      <main>
      \(page.overview())\(map)\(page.groups())\(truth)\(next)\(training)\(report.hasFiles ? page.files() : "")\(page.parameters())</main>
      <footer class="end"><p><b>Not for diagnosis.</b> Groups are proposals from image features, made without labels; a person decides what they mean.</p><p>This page is complete in itself and asks nothing of any network. Patient identifiers appear in it, if at all, as keyed hashes.</p></footer>
      <dialog id="large" aria-label="Image"><form method="dialog"><button class="quiet" aria-label="Close">✕</button></form><div id="large-body"></div></dialog><p id="said" class="hush" role="status" aria-live="polite"></p>
      <script type="application/json" id="data">\(verbatim: page.data.json)</script>
      <script>\(verbatim: Script.text)</script></body>
      </html>

      """
    return document.text
  }

  /// Members around their medoid.
  private static let brand: Markup = """
    <svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="4.2"/><circle cx="4.5" cy="7" r="1.8"/><circle cx="12" cy="3" r="1.8"/><circle cx="20" cy="8" r="1.8"/><circle cx="19" cy="17.5" r="1.8"/><circle cx="10" cy="21" r="1.8"/><circle cx="3.8" cy="16" r="1.8"/></svg>
    """

  private static func switches(_ report: Report) -> Markup {
    if report.clusterings.count < 2 { return "" }
    let buttons = report.clusterings.map { step -> Markup in
      "<button type=\"button\" data-choose=\"\(Escape.identifier(step.name))\" aria-pressed=\"false\">\(step.name)</button>"
    }
    return "<div class=\"switch\" role=\"group\" aria-label=\"Clustering step\">\(buttons)</div>"
  }
}
