/// HTML or SVG text that is safe to put on a page. Write it as a string literal: what stands in the literal is markup, and
/// every `String` interpolated into it is escaped. There is no other way in, so a path called `<script>` stays a path.
///
///     let row: Markup = "<td>\(record.path)</td>"
public struct Markup: Sendable, Hashable, ExpressibleByStringInterpolation {
  public private(set) var text: String

  public init(stringLiteral value: String) { text = value }

  public init(stringInterpolation: Interpolation) { text = stringInterpolation.text }

  /// Pieces one after another.
  public init(_ pieces: some Sequence<Markup>) {
    text = ""
    for piece in pieces { text += piece.text }
  }

  public static func + (a: Markup, b: Markup) -> Markup { "\(a)\(b)" }

  public static func += (a: inout Markup, b: Markup) { a.text += b.text }

  public struct Interpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    public init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    public mutating func appendLiteral(_ literal: String) { text += literal }
    public mutating func appendInterpolation(_ value: String) { text += Escape.html(value) }
    public mutating func appendInterpolation(_ value: Int) { text += String(value) }
    public mutating func appendInterpolation(_ value: Markup) { text += value.text }
    public mutating func appendInterpolation(_ value: Markup?) { text += value?.text ?? "" }
    public mutating func appendInterpolation(_ value: some Sequence<Markup>) {
      for piece in value { text += piece.text }
    }
    /// Text that is already what its place wants: style sheets and scripts of our own, JSON from `Escape.json`.
    mutating func appendInterpolation(verbatim value: String) { text += value }
  }
}
