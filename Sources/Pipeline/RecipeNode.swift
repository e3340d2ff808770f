import Yams

/// A word, list or table of a recipe with the place it was written; the only file that knows YAML.
struct RecipeNode {
  struct Entry {
    var key: String
    var keyOrigin: RecipeOrigin
    var value: RecipeNode
  }

  indirect enum Content {
    /// `isQuoted` keeps `"15"` a text where `15` is a number.
    case word(String, isQuoted: Bool)
    case list([RecipeNode])
    case table([Entry])
  }

  var origin: RecipeOrigin
  var content: Content

  /// The node of a YAML text. An empty text is an empty table.
  /// - Parameter place: makes the origin of a line and column.
  /// - Throws: `RecipeErrors`, of syntax and of keys given twice.
  init(yaml: String, at place: (_ line: Int, _ column: Int) -> RecipeOrigin) throws {
    do {
      guard let node = try Yams.compose(yaml: yaml) else {
        self.init(origin: place(1, 1), content: .table([]))
        return
      }
      try self.init(node, at: place)
    } catch let error as YamlError {
      throw RecipeErrors([RecipeNode.explain(error, at: place)])
    }
  }

  init(origin: RecipeOrigin, content: Content) {
    self.origin = origin
    self.content = content
  }

  private init(_ node: Node, at place: (_ line: Int, _ column: Int) -> RecipeOrigin) throws {
    origin = place(node.mark?.line ?? 1, node.mark?.column ?? 1)
    switch node {
    case .scalar(let scalar):
      content = .word(scalar.string, isQuoted: ![.any, .plain].contains(scalar.style))
    case .sequence(let sequence):
      content = .list(try sequence.map { try RecipeNode($0, at: place) })
    case .mapping(let mapping):
      content = .table(
        try mapping.map { key, value in
          let keyOrigin = place(key.mark?.line ?? 1, key.mark?.column ?? 1)
          guard case .scalar(let word) = key else {
            throw RecipeErrors([RecipeError(keyOrigin, "a key must be a word")])
          }
          return Entry(key: word.string, keyOrigin: keyOrigin, value: try RecipeNode(value, at: place))
        })
    case .alias:
      throw RecipeErrors([RecipeError(origin, "an alias to an anchor that isn't there")])
    }
  }

  private static func explain(_ error: YamlError, at place: (_ line: Int, _ column: Int) -> RecipeOrigin) -> RecipeError
  {
    switch error {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      RecipeError(place(mark.line, mark.column), "not YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      RecipeError(
        place(context.mark.line, context.mark.column),
        "given twice: " + duplicates.map { "\"\($0)\"" }.joined(separator: ", "))
    default:
      RecipeError(place(1, 1), "not YAML: \(error)")
    }
  }
}

extension RecipeNode {
  var entries: [Entry]? {
    if case .table(let entries) = content { entries } else { nil }
  }

  /// What a person would call it in an error.
  var spelling: String {
    switch content {
    case .word("", isQuoted: false): "nothing"
    case .word(let word, let isQuoted): isQuoted ? "the text \"\(word)\"" : "\"\(word)\""
    case .list: "a list"
    case .table: "a table"
    }
  }

  /// Puts `value` under a path of keys, making tables on the way; false where the path leads through something else.
  mutating func set(_ path: ArraySlice<String>, to value: RecipeNode) -> Bool {
    guard let key = path.first else {
      self = value
      return true
    }
    guard var entries else { return false }
    let index = entries.firstIndex { $0.key == key } ?? entries.count
    if index == entries.count {
      let empty = RecipeNode(origin: value.origin, content: .table([]))
      entries.append(Entry(key: key, keyOrigin: value.origin, value: empty))
    }
    guard entries[index].value.set(path.dropFirst(), to: value) else { return false }
    entries[index].keyOrigin = value.origin
    content = .table(entries)
    return true
  }
}
