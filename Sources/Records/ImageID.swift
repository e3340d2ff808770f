/// The name of an image: made from its content, so it survives a move; copies carry a suffix (`3f9a…c2`, `3f9a…c2-2`).
public struct ImageID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  public let rawValue: String

  public init(_ rawValue: String) { self.rawValue = rawValue }

  public init(from decoder: any Decoder) throws { rawValue = try decoder.singleValueContainer().decode(String.self) }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }

  public static func < (a: ImageID, b: ImageID) -> Bool { a.rawValue < b.rawValue }

  public var description: String { rawValue }
}
