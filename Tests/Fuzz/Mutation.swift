import Tensors

/// Damage done to the bytes of a file: what a fuzzer feeds a reader. The same generator, the same bytes.
struct Mutation {
  private var generator: RandomGenerator
  private let seeds: [[UInt8]]
  private let longest: Int

  /// Numbers at which programs make mistakes.
  private static let interesting: [UInt64] = [
    0, 1, 2, 7, 8, 16, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000,
    0xffff_fff0, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, 0xffff_ffff_ffff_ffff,
  ]

  init(_ seeds: [[UInt8]], _ generator: RandomGenerator) {
    self.seeds = seeds
    self.generator = generator
    longest = 2 * (seeds.map(\.count).max() ?? 0) + 4096
  }

  /// One damaged file, and the number of the seed it began as.
  mutating func next() -> (bytes: [UInt8], seed: Int) {
    let seed = below(seeds.count)
    var bytes = seeds[seed]
    // Every second input is damaged once: much damage is found out early, and little gets far.
    let rounds = below(2) == 0 ? 1 : 2 + below(5)
    for _ in 0..<rounds { damage(&bytes) }
    if bytes.count > longest { bytes.removeLast(bytes.count - longest) }
    // Checksums that keep damage out would keep the fuzzer out of what lies behind them.
    if below(2) == 0 { PNGChecksums.mend(&bytes) }
    return (bytes, seed)
  }

  private mutating func damage(_ bytes: inout [UInt8]) {
    if bytes.isEmpty { bytes = [UInt8(below(256))] }
    switch below(12) {
    case 0, 1: for _ in 0...below(8) { bytes[place(bytes)] ^= 1 << UInt8(below(8)) }
    case 2: for _ in 0...below(4) { bytes[place(bytes)] = UInt8(below(256)) }
    case 3, 4, 5:
      let value = Mutation.interesting[below(Mutation.interesting.count)]
      let (start, width, isBig) = (place(bytes), [1, 2, 4, 8][below(4)], below(2) == 0)
      for k in 0..<width where start + k < bytes.count {
        bytes[start + k] = UInt8(truncatingIfNeeded: value >> UInt64(8 * (isBig ? width - 1 - k : k)))
      }
    case 6: bytes.removeLast(bytes.count - place(bytes))
    case 7: bytes.removeSubrange(chunk(bytes))
    case 8: bytes.insert(contentsOf: bytes[chunk(bytes)], at: place(bytes))
    case 9:
      let count = 1 + below(64)
      let filler = (0..<count).map { _ in UInt8(below(256)) }
      bytes.insert(contentsOf: filler, at: place(bytes))
    case 10:
      let other = seeds[below(seeds.count)]
      let (cut, from) = (place(bytes), below(other.count))
      bytes.replaceSubrange(cut..., with: other[from...])
    default:
      let value: UInt8 = below(2) == 0 ? 0 : 0xff
      for k in chunk(bytes) { bytes[k] = value }
    }
  }

  private mutating func below(_ bound: Int) -> Int { bound <= 1 ? 0 : generator.integer(below: bound) }

  /// A place in the bytes; every second time near the beginning, where headers are.
  private mutating func place(_ bytes: [UInt8]) -> Int {
    below(2) == 0 ? below(min(bytes.count, 1024)) : below(bytes.count)
  }

  private mutating func chunk(_ bytes: [UInt8]) -> Range<Int> {
    let start = place(bytes)
    return start..<min(bytes.count, start + 1 + below(min(bytes.count, 4096)))
  }
}

/// Makes the checksums of a damaged PNG right again.
enum PNGChecksums {
  private static let table: [UInt32] = (0..<256).map { number in
    (0..<8).reduce(UInt32(number)) { value, _ in value & 1 == 1 ? 0xedb8_8320 ^ (value >> 1) : value >> 1 }
  }

  static func mend(_ bytes: inout [UInt8]) {
    guard bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]) else { return }
    var place = 8
    while place + 12 <= bytes.count {
      let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = place + 8 + length
      guard length >= 0, end + 4 <= bytes.count else { return }
      var checksum: UInt32 = .max
      for byte in bytes[place + 4..<end] {
        checksum = table[Int((checksum ^ UInt32(byte)) & 0xff)] ^ (checksum >> 8)
      }
      checksum ^= .max
      for k in 0..<4 { bytes[end + k] = UInt8(truncatingIfNeeded: checksum >> UInt32(24 - 8 * k)) }
      place = end + 4
    }
  }
}
