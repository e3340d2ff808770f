/// One seed a run, split by name for every consumer: two consumers never share a stream, and adding one moves no other.
///
///     let seed = Seed(7)
///     var shuffle = seed.split("epoch").split(3).generator()
///
/// Splitting hashes the label with FNV-1a and mixes by the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
public struct Seed: Sendable, Hashable {
  public let rawValue: UInt64

  public init(_ rawValue: UInt64) { self.rawValue = rawValue }

  /// The seed of a consumer known by name.
  public func split(_ label: String) -> Seed {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in label.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    return Seed(Seed.mix(rawValue ^ Seed.mix(hash)))
  }

  /// The seed of the `index`-th of many like consumers (an epoch, an image, a restart).
  public func split(_ index: Int) -> Seed {
    Seed(Seed.mix(rawValue &+ 0x9e37_79b9_7f4a_7c15 &* (UInt64(bitPattern: Int64(index)) &+ 1)))
  }

  public func generator() -> RandomGenerator { RandomGenerator(seed: self) }

  static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// xoshiro256** (Blackman, Vigna 2018), seeded by SplitMix64: the same numbers on every platform, for ever.
public struct RandomGenerator: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  public init(seed: Seed) {
    var word = seed.rawValue
    func next() -> UInt64 {
      word = Seed.mix(word)
      return word
    }
    state = (next(), next(), next(), next())
  }

  public mutating func next() -> UInt64 {
    let result = rotate(state.1 &* 5, by: 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotate(state.3, by: 45)
    return result
  }

  /// Uniform in [0, 1), 53 bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Uniform in `range`.
  public mutating func uniform(_ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// A whole number in 0..<bound, without bias (Lemire's method, by the standard library). - Precondition: `bound > 0`.
  public mutating func integer(below bound: Int) -> Int { Int(next(upperBound: UInt64(bound))) }

  public mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

  /// Standard normal, by the polar method of Marsaglia. Draws two and keeps one, so that no state hides between calls.
  public mutating func normal() -> Double {
    while true {
      let x = uniform(-1...1)
      let y = uniform(-1...1)
      let square = x * x + y * y
      if square > 0 && square < 1 { return x * (-2 * logarithm(square) / square).squareRoot() }
    }
  }

  /// Fisher–Yates, from the end. Ours, because the standard library's order is not promised between releases.
  public mutating func shuffle<Element>(_ values: inout [Element]) {
    for last in stride(from: values.count - 1, to: 0, by: -1) { values.swapAt(last, integer(below: last + 1)) }
  }

  private func rotate(_ value: UInt64, by bits: UInt64) -> UInt64 { (value << bits) | (value >> (64 - bits)) }
}
