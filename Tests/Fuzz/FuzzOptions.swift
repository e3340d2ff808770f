import Foundation

/// What a campaign is told on the command line.
struct FuzzOptions {
  var reader: FuzzReader
  /// Folders that are looked through for files of the reader's kinds.
  var seedFolders: [URL] = []
  var count = 1000
  /// Inputs before this one are left out: input `n` of a seed is always the same.
  var first = 0
  var seed: UInt64 = 7
  var jobs = 2
  /// Seed files above this many bytes are left out: small files are tried more often.
  var largest = 1 << 18
  /// After which an input counts as one that hangs.
  var seconds = 10.0
  /// Where inputs that kill a child are kept; nil for nowhere.
  var out: URL?

  /// - Throws: `FuzzUsage`.
  init(_ words: [String]) throws {
    guard let name = words.first, let reader = FuzzReader(rawValue: name) else {
      throw FuzzUsage("wanted one of \(FuzzReader.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self.reader = reader
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      guard let value = rest.popFirst() else { throw FuzzUsage("\(word) wants a value") }
      func number() throws -> Int {
        guard let number = Int(value), number >= 0 else { throw FuzzUsage("\(word) wants a number, not \(value)") }
        return number
      }
      switch word {
      case "--seeds": seedFolders.append(URL(filePath: value))
      case "--count": count = try number()
      case "--first": first = try number()
      case "--seed": seed = UInt64(try number())
      case "--jobs": jobs = max(1, try number())
      case "--largest": largest = try number()
      case "--seconds": seconds = Double(try number())
      case "--out": out = URL(filePath: value)
      default: throw FuzzUsage("\(word) is not known")
      }
    }
    if seedFolders.isEmpty { throw FuzzUsage("--seeds DIR is missing") }
  }
}

/// What is wrong with the command line, in words.
struct FuzzUsage: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
