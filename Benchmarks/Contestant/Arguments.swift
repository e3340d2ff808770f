/// A benchmark's command line: a topic, then pairs of `--name value`.
struct Arguments {
  let topic: String
  private var values: [String: String] = [:]

  /// - Throws: `Usage` where a value is missing.
  init(_ words: [String]) throws {
    var words = words[...]
    topic = words.popFirst() ?? ""
    while let word = words.popFirst() {
      guard word.hasPrefix("--"), let value = words.popFirst() else { throw Usage("\(word): wanted --name value") }
      values[String(word.dropFirst(2))] = value
    }
  }

  func text(_ name: String) throws -> String {
    guard let value = values[name] else { throw Usage("--\(name) is missing") }
    return value
  }

  func integer(_ name: String) throws -> Int {
    guard let value = Int(try text(name)), value > 0 else { throw Usage("--\(name) wants a number above 0") }
    return value
  }
}
