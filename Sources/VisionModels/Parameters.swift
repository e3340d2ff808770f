/// One named tensor inside a flat buffer.
public struct ParameterEntry: Sendable, Hashable {
  /// timm's name for it, such as "blocks.3.attn.qkv.weight".
  public let path: String
  /// Row-major; empty for a single number.
  public let shape: [Int]
  /// Where its numbers lie, counted in floats from the start of the buffer.
  public let range: Range<Int>
}

/// Where a matrix lies that products read.
struct ProductPlace: Sendable, Hashable {
  let offset: Int
  let inputs: Int
  let outputs: Int
}

/// Where every tensor of a model lies in one flat buffer of `Float`.
///
/// Weights, gradients, AdamW's moments and the teacher share one layout, so an optimiser step is a loop over one array and a
/// tensor is a range of it. Offsets are multiples of 16 floats (64 bytes, one cache line); the gaps stay zero.
public struct ParameterLayout: Sendable, Hashable {
  public private(set) var entries: [ParameterEntry] = []
  /// Floats in a buffer of this layout, gaps included.
  public private(set) var count = 0
  /// The matrices that products read, in packed form; see `PackedWeights`.
  private(set) var products: [ProductPlace] = []
  private var indexes: [String: Int] = [:]

  public init() {}

  /// Adds a tensor at the end and says where it lies.
  /// - Precondition: `path` is new, no extent is negative.
  @discardableResult
  public mutating func append(_ path: String, _ shape: [Int]) -> Range<Int> {
    precondition(indexes[path] == nil, "the layout already has \(path)")
    precondition(shape.allSatisfy { $0 >= 0 }, "\(path) of shape \(shape)")
    let range = count..<count + shape.reduce(1, *)
    indexes[path] = entries.count
    entries.append(ParameterEntry(path: path, shape: shape, range: range))
    count = (range.upperBound + 15) / 16 * 16
    return range
  }

  /// Marks rows of a tensor as a matrix [outputs, inputs] that products read, and says its number.
  mutating func appendProduct(offset: Int, inputs: Int, outputs: Int) -> Int {
    products.append(ProductPlace(offset: offset, inputs: inputs, outputs: outputs))
    return products.count - 1
  }

  /// The tensor of that name, or nil. - Complexity: O(1).
  public func entry(_ path: String) -> ParameterEntry? { indexes[path].map { entries[$0] } }
}

/// The numbers of a layout: 64-byte aligned, zero at first, freed with the object.
///
/// Nothing guards it: many threads may read, one may write while no other reads.
public final class ParameterBuffer: @unchecked Sendable {
  public let layout: ParameterLayout
  public let pointer: UnsafeMutablePointer<Float>
  public var count: Int { layout.count }
  private let buffer: FloatBuffer

  public init(_ layout: ParameterLayout) {
    self.layout = layout
    buffer = FloatBuffer(layout.count)
    pointer = buffer.pointer
  }

  /// Another buffer with the same numbers.
  public func copy() -> ParameterBuffer {
    let other = ParameterBuffer(layout)
    other.pointer.update(from: pointer, count: count)
    return other
  }

  /// Sets every tensor to one number; the gaps between them stay zero.
  public func fill(_ value: Float) {
    for entry in layout.entries {
      pointer.advanced(by: entry.range.lowerBound).update(repeating: value, count: entry.range.count)
    }
  }

  /// A copy of one tensor. - Precondition: the layout has it.
  public func values(_ path: String) -> [Float] {
    Array(UnsafeBufferPointer(start: pointer + entry(path).range.lowerBound, count: entry(path).range.count))
  }

  /// Overwrites one tensor. - Precondition: the layout has it and the count is right.
  public func set(_ path: String, _ values: [Float]) {
    let range = entry(path).range
    precondition(values.count == range.count, "\(path) wants \(range.count) numbers, not \(values.count)")
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.advanced(by: range.lowerBound).update(from: base, count: range.count) }
    }
  }

  private func entry(_ path: String) -> ParameterEntry {
    guard let entry = layout.entry(path) else { preconditionFailure("no parameter \(path)") }
    return entry
  }
}
