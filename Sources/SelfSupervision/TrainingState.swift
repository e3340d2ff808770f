/// A run between two steps: everything that the next step reads and an earlier one wrote. What else a step needs (the images, the
/// configuration, the seed) is the run's from the start, so a trainer of equal inputs that is given this goes on as if nothing had been.
public struct TrainingState: Sendable {
  /// One array of floats, where it lies in the trainer: good until the next step, and as long as the trainer lives.
  public struct Numbers: @unchecked Sendable {
    public let name: String
    public let values: UnsafeMutableBufferPointer<Float>
  }

  /// One entry for every step done.
  public let history: [Monitor]
  /// Small whole numbers by name.
  public let counters: [String: [Int]]
  /// In a fixed order.
  public let numbers: [Numbers]

  /// Bytes of `numbers`.
  public var bytes: Int { numbers.reduce(0) { $0 + 4 * $1.values.count } }
}

/// A `TrainingState` as it was kept somewhere.
public protocol KeptState {
  var history: [Monitor] { get }
  var counters: [String: [Int]] { get }
  /// How many floats are kept under a name; nil for none.
  func count(_ name: String) -> Int?
  /// The floats of a name that `count` knows.
  func numbers(_ name: String) throws -> [Float]
}

/// A kept state of another run: what it holds under `name` is missing or has other extents than here.
public struct KeptStateMismatch: Error, Hashable, CustomStringConvertible {
  public let name: String

  public init(name: String) { self.name = name }

  public var description: String { "\(name) is missing or of other extents" }
}
