/// A safetensors file that is not one, or doesn't hold what is asked of it.
public struct SafetensorsError: Error, Equatable, CustomStringConvertible {
  public let path: String
  public let problem: Problem

  public init(path: String, problem: Problem) {
    self.path = path
    self.problem = problem
  }

  public enum Problem: Equatable, Sendable {
    /// Fewer than the eight bytes of the header's length.
    case tooShort(bytes: Int)
    /// A header longer than the file, or than 100 MB, the format's own bound.
    case headerLength(UInt64, fileBytes: Int)
    /// The header is not JSON of the shape wanted; `offset` counts bytes from its start.
    case header(offset: Int, expected: String)
    case duplicateName(String)
    case unknownType(tensor: String, type: String)
    /// The shape's product leaves 64 bits, or doesn't agree with the offsets.
    case badShape(tensor: String, shape: [Int])
    /// The offsets overlap another tensor's, leave a hole before, or point past the end.
    case badOffsets(tensor: String, begin: Int, end: Int)
    /// Bytes after the last tensor, or fewer than the offsets promise.
    case dataLength(expected: Int, found: Int)
    case missing(tensor: String)
    /// A type that can't be read as the numbers asked for.
    case unreadableType(tensor: String, type: String)
    /// A NaN or an infinity where they are refused.
    case notFinite(tensor: String, index: Int)
    /// The bytes are not those that were sealed, or never were.
    case brokenSeal
  }

  public var description: String { "\(path): \(text)" }

  private var text: String {
    switch problem {
    case .tooShort(let bytes): "\(bytes) bytes are no safetensors file"
    case .headerLength(let length, let bytes): "a header of \(length) bytes in a file of \(bytes)"
    case .header(let offset, let expected): "the header is malformed at byte \(offset): \(expected) expected"
    case .duplicateName(let name): "\(name) appears twice"
    case .unknownType(let tensor, let type): "\(tensor) is of unknown type \(type)"
    case .badShape(let tensor, let shape): "\(tensor) has shape \(shape), which its bytes don't fit"
    case .badOffsets(let tensor, let begin, let end):
      "\(tensor) at \(begin)..<\(end) overlaps, leaves a hole or ends too late"
    case .dataLength(let expected, let found): "\(expected) bytes of data promised, \(found) found"
    case .missing(let tensor): "no tensor \(tensor)"
    case .unreadableType(let tensor, let type): "\(tensor) is \(type), which can't be read as such numbers"
    case .notFinite(let tensor, let index): "\(tensor) holds NaN or infinity at \(index)"
    case .brokenSeal: "the bytes are not those of its checksum"
    }
  }
}
