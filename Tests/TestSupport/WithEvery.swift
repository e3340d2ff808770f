/// Runs `body` for every value, so that a small space is walked whole; a failure inside names the value through `Comment`s or
/// the error thrown here.
public func withEvery<Values: Sequence>(
  _ name: String, in values: Values, _ body: (Values.Element) throws -> Void
) rethrows {
  for value in values { try body(value) }
}

/// Numbers that disagree: what was compared, where, and by how much.
public struct Mismatch: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}

/// The largest |a − b| over the largest |b| (1e-30 at least): the error of a whole tensor, by which every operation declares its tolerance.
public func normalizedError(_ a: [Float], _ b: [Float]) -> Double {
  precondition(a.count == b.count, "\(a.count) numbers against \(b.count)")
  var worst = 0.0
  var scale = 1e-30
  for (x, y) in zip(a, b) {
    if !x.isFinite || !y.isFinite { return x == y ? 0 : .infinity }
    worst = max(worst, abs(Double(x) - Double(y)))
    scale = max(scale, abs(Double(y)))
  }
  return worst / scale
}

/// As above, in 64 bits.
public func normalizedError(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count, "\(a.count) numbers against \(b.count)")
  var worst = 0.0
  var scale = 1e-30
  for (x, y) in zip(a, b) {
    if !x.isFinite || !y.isFinite { return x == y ? 0 : .infinity }
    worst = max(worst, abs(x - y))
    scale = max(scale, abs(y))
  }
  return worst / scale
}
