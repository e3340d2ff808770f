import Foundation

/// A value of a recipe, free of its spelling: what parameters are compared and hashed by.
public indirect enum ParameterValue: Hashable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case text(String)
  case list([ParameterValue])
  case table([String: ParameterValue])
}

extension ParameterValue: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([ParameterValue].self) {
      self = .list(value)
    } else {
      self = .table(try container.decode([String: ParameterValue].self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .table(let values): try container.encode(values)
    }
  }
}

extension ParameterValue {
  /// JSON with one spelling per value: keys sorted by their bytes, no spaces, numbers as short as they can be read back,
  /// and 1.0 as `1`, so that a value equals itself after a trip through a file.
  /// - Precondition: numbers are finite.
  public var canonicalJSON: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): String(value)
    case .number(let value): ParameterValue.spelling(of: value)
    case .text(let value): ParameterValue.quoted(value)
    case .list(let values): "[" + values.map(\.canonicalJSON).joined(separator: ",") + "]"
    case .table(let values):
      "{"
        + values.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        .map { ParameterValue.quoted($0) + ":" + values[$0]!.canonicalJSON }.joined(separator: ",") + "}"
    }
  }

  private static func spelling(of value: Double) -> String {
    precondition(value.isFinite, "\(value) has no JSON")
    if value == value.rounded(), abs(value) < 0x1p53 { return String(Int(value)) }
    return value.description
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..<"\u{20}":
        let code = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// As a person would write it in a recipe: `15`, `auto`, `[CR, DX]`.
extension ParameterValue: CustomStringConvertible {
  public var description: String {
    switch self {
    case .null: "none"
    case .text(let value): value
    case .list(let values): "[" + values.map(\.description).joined(separator: ", ") + "]"
    case .table(let values):
      "{" + values.keys.sorted().map { "\($0): \(values[$0]!)" }.joined(separator: ", ") + "}"
    default: canonicalJSON
    }
  }
}

extension ParameterValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .text(value) }
  public init(arrayLiteral elements: ParameterValue...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, ParameterValue)...) {
    self = .table(Dictionary(elements) { $1 })
  }
}

extension ParameterValue {
  /// Reads a type of one's own from the value, keys as they are. - Throws: `DecodingError`.
  public func decoded<T: Decodable>(as type: T.Type = T.self) throws -> T {
    try JSONDecoder().decode(T.self, from: Data(canonicalJSON.utf8))
  }
}
