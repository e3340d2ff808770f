/// A file pattern as shells have it: `*` and `?` stay within one part of the path, `**` crosses parts, `[a-c]` is one of.
///
/// A pattern without `/` is held against the file's name (`*.dcm`), one with `/` against the whole relative path (`site_a/**/*.dcm`).
/// Letters of either case are alike, as archives mix `.DCM` and `.dcm`.
public struct GlobPattern: Sendable, Hashable {
  public let pattern: String
  private let tokens: [Token]

  private enum Token: Hashable {
    case literal(Character)
    case one
    case anyWithin
    case anyAcross
    /// `**/`: any number of whole parts, also none.
    case folders
    case among([ClosedRange<Character>], negated: Bool)
  }

  public init(_ pattern: String) {
    self.pattern = pattern
    var tokens: [Token] = []
    var rest = Array(pattern.lowercased())[...]
    while let next = rest.popFirst() {
      switch next {
      case "*" where rest.first == "*":
        rest.removeFirst()
        if rest.first == "/" {
          rest.removeFirst()
          tokens.append(.folders)
        } else {
          tokens.append(.anyAcross)
        }
      case "*": tokens.append(.anyWithin)
      case "?": tokens.append(.one)
      case "[":
        guard let close = rest.dropFirst().firstIndex(of: "]") else {
          tokens.append(.literal(next))
          continue
        }
        var set = Array(rest[..<close])
        rest = rest[(close + 1)...]
        let negated = set.first == "!" || set.first == "^"
        if negated { set.removeFirst() }
        tokens.append(.among(GlobPattern.ranges(set), negated: negated))
      default: tokens.append(.literal(next))
      }
    }
    self.tokens = tokens
  }

  /// Whether the pattern fits a relative path with `/` between its parts.
  public func matches(_ path: String) -> Bool {
    let subject = pattern.contains("/") ? path[...] : path.split(separator: "/").last ?? ""
    return GlobPattern.match(tokens[...], Array(subject.lowercased())[...])
  }

  private static func ranges(_ set: [Character]) -> [ClosedRange<Character>] {
    var ranges: [ClosedRange<Character>] = []
    var i = 0
    while i < set.count {
      if i + 2 < set.count && set[i + 1] == "-" && set[i] <= set[i + 2] {
        ranges.append(set[i]...set[i + 2])
        i += 3
      } else {
        ranges.append(set[i]...set[i])
        i += 1
      }
    }
    return ranges
  }

  private static func match(_ tokens: ArraySlice<Token>, _ text: ArraySlice<Character>) -> Bool {
    guard let token = tokens.first else { return text.isEmpty }
    let rest = tokens.dropFirst()
    switch token {
    case .literal(let character): return text.first == character && match(rest, text.dropFirst())
    case .one: return text.first.map { $0 != "/" } == true && match(rest, text.dropFirst())
    case .among(let ranges, let negated):
      guard let first = text.first, first != "/" else { return false }
      return ranges.contains { $0.contains(first) } != negated && match(rest, text.dropFirst())
    case .anyWithin, .anyAcross, .folders:
      var remaining = text
      while true {
        let atPart =
          token != .folders || remaining.startIndex == text.startIndex || text[remaining.startIndex - 1] == "/"
        if atPart && match(rest, remaining) { return true }
        guard let first = remaining.first, token != .anyWithin || first != "/" else { return false }
        remaining = remaining.dropFirst()
      }
    }
  }
}
