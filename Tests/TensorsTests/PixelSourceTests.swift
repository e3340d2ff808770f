import Synchronization
import Tensors
import TestSupport
import Testing

/// Images of rising bytes, read from "a medium" that can fail.
private struct Medium: PixelSource {
  let stack: PixelStack
  var failsAt = Int.max
  var count: Int { stack.count }
  var channels: Int { stack.channels }
  var height: Int { stack.height }
  var width: Int { stack.width }
  var bits: Int { stack.bits }

  init(_ count: Int, channels: Int = 1) {
    let samples = (0..<count * channels * 6).map { UInt8(truncatingIfNeeded: $0) }
    stack = PixelStack(count: count, channels: channels, height: 2, width: 3, samples: .bits8(samples))
  }

  func block(_ range: Range<Int>) throws -> PixelStack {
    if range.contains(failsAt) { throw Mismatch("the medium fails at \(failsAt)") }
    return stack.block(range)
  }
}

private func bytes(_ stack: PixelStack) -> [UInt8] { if case .bits8(let values) = stack.samples { values } else { [] } }

struct PixelSourceTests {
  @Test func blocksAreTheirImages() throws {
    let medium = Medium(11, channels: 3)
    #expect(bytes(medium.stack.block(3..<7)) == Array(bytes(medium.stack)[3 * 18..<7 * 18]))
    var all: [UInt8] = []
    try medium.forEachBlock { first, block in
      #expect(first * 18 == all.count)
      all += bytes(block)
    }
    #expect(all == bytes(medium.stack))
  }

  /// Large images, four to a block.
  @Test func aStackOfSomeImagesIsThoseImages() throws {
    let side = 1024
    let samples = (0..<10).flatMap { image in [UInt8](repeating: UInt8(image), count: side * side) }
    let stack = PixelStack(count: 10, channels: 1, height: side, width: side, samples: .bits8(samples))
    #expect(stack.imagesABlock == 4)
    for rows in [[], [0], [9], [3, 4], [1, 2, 8], Array(0..<10)] {
      let some = try stack.stack(of: rows)
      #expect(some.count == rows.count)
      #expect(stride(from: 0, to: bytes(some).count, by: side * side).map { Int(bytes(some)[$0]) } == rows)
      #expect(bytes(some).count == rows.count * side * side)
    }
    var medium = Medium(11, channels: 3)
    #expect(bytes(try medium.stack(of: [2, 5, 10])) == [2, 5, 10].flatMap { bytes(medium.stack.block($0..<$0 + 1)) })
    medium.failsAt = 4
    #expect(throws: Mismatch.self) { try medium.stack(of: [4]) }
    let deep = PixelStack(count: 3, channels: 1, height: 1, width: 2, samples: .bits16([1, 2, 300, 400, 5, 6]))
    guard case .bits16(let values) = try deep.stack(of: [1, 2]).samples else { throw Mismatch("not 16 bits") }
    #expect(values == [300, 400, 5, 6])
  }

  @Test(arguments: 1...4) func blocksAheadHandOutEveryBlock(threads: Int) throws {
    for (count, size, held) in [(0, 4, 3), (1, 4, 1), (23, 4, 1), (23, 1, 2), (64, 8, 3)] {
      let medium = Medium(count)
      let ahead = BlocksAhead(of: medium, size: size, held: held)
      let sums = Mutex([Int](repeating: -1, count: ahead.blocks))
      // As many users of a block as there are images in it, so that blocks are shared by threads.
      WorkerPool(threads: min(threads, held * size)).run(jobs: ahead.blocks) { block, _ in
        guard let pixels = ahead.take(block) else { return }
        #expect(pixels.count == ahead.range(block, of: count).count)
        sums.withLock { $0[block] = bytes(pixels).reduce(0) { $0 + Int($1) } }
        ahead.giveBack(block)
      }
      try ahead.finish()
      for block in 0..<ahead.blocks {
        let part = medium.stack.block(ahead.range(block, of: count))
        #expect(sums.withLock { $0[block] } == bytes(part).reduce(0) { $0 + Int($1) })
      }
    }
  }

  @Test func aMediumThatFailsEndsEverything() {
    var medium = Medium(40)
    medium.failsAt = 17
    let ahead = BlocksAhead(of: medium, size: 4, held: 2)
    WorkerPool(threads: 3).run(jobs: ahead.blocks) { block, _ in
      if ahead.take(block) != nil { ahead.giveBack(block) }
    }
    #expect(throws: Mismatch.self) { try ahead.finish() }
  }
}

struct RowPoolingTests {
  @Test func meansAndMaximaAreThoseOfTheRows() throws {
    let matrix = Matrix(rowsOf: [[1, -8], [4, 2], [0.5, 3], [7, -1]])
    #expect(try RowPooling.mean.pool([0, 1, 3], of: matrix) == [4, Float(-7.0 / 3)])
    #expect(try RowPooling.max.pool([2, 0], of: matrix) == [1, 3])
    #expect(try RowPooling.meanMax.pool([3, 2, 1, 0], of: matrix) == [3.125, -1, 7, 3])
    #expect(try RowPooling.mean.pool([2], of: matrix) == [0.5, 3])
    #expect(RowPooling.meanMax.columns(of: 5) == 10 && RowPooling.max.columns(of: 5) == 5)
  }

  @Test func longRunsAreReadInPieces() throws {
    let matrix = Matrix(rows: 3000, columns: 2, storage: (0..<6000).map { Float($0) })
    #expect(try RowPooling.meanMax.pool(Array(0..<3000), of: matrix) == [2999, 3000, 5998, 5999])
  }
}
