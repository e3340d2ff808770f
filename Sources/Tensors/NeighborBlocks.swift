/// Rows side by side with those near them, in blocks, each with what bounds the distances to it.
struct NeighborBlocks {
  /// A pair in a kernel's answer keeps its column in sixteen bits, and a block of rows of some hundred numbers fits a second-level cache.
  static let largest = 640

  /// A block of rows that lie side by side.
  struct Block {
    /// Positions of its rows.
    let range: Range<Int>
    /// No row is farther from the centre.
    let radius: Double
    /// The largest ‖z‖.
    let norm: Double
    /// The largest shift of a row (see `NeighborFrame`).
    let shift: Double
  }

  let columns: Int
  /// The row at each position.
  let order: [Int32]
  /// `positions × columns` numbers, in the frame.
  let numbers: [Float]
  let blocks: [Block]
  /// `blocks × columns` numbers: means of the blocks' rows.
  let centres: [Float]

  /// - Parameter groups: rows of one group go side by side; groups larger than `limit` are cut. Without, rows keep their order.
  init(_ rows: NeighborFrame.Rows, columns: Int, groups: [Int32]?, limit: Int = largest, workers: WorkerPool) {
    var stretches: [Range<Int>] = []
    var order = [Int32](repeating: 0, count: rows.count)
    func cut(_ range: Range<Int>) {
      let parts = (range.count + limit - 1) / limit
      for part in 0..<parts {
        stretches.append(
          range.lowerBound + part * range.count / parts..<range.lowerBound + (part + 1) * range.count / parts)
      }
    }
    if let groups {
      let count = Int(groups.max() ?? 0) + 1
      var starts = [Int](repeating: 0, count: count + 1)
      for group in groups { starts[Int(group) + 1] += 1 }
      for group in 0..<count { starts[group + 1] += starts[group] }
      var next = starts
      for (row, group) in groups.enumerated() {
        order[next[Int(group)]] = Int32(row)
        next[Int(group)] += 1
      }
      for group in 0..<count where starts[group] < starts[group + 1] { cut(starts[group]..<starts[group + 1]) }
    } else {
      for row in 0..<rows.count { order[row] = Int32(row) }
      cut(0..<rows.count)
    }
    var numbers = [Float](repeating: 0, count: rows.count * columns)
    var centres = [Float](repeating: 0, count: stretches.count * columns)
    var blocks = stretches.map { Block(range: $0, radius: 0, norm: 0, shift: 0) }
    numbers.withUnsafeMutableBufferPointer { numbers in
      centres.withUnsafeMutableBufferPointer { centres in
        blocks.withUnsafeMutableBufferPointer { blocks in
          nonisolated(unsafe) let numbers = numbers
          nonisolated(unsafe) let centres = centres
          nonisolated(unsafe) let blocks = blocks
          let (order, stretches) = (order, stretches)
          workers.run(jobs: stretches.count) { job, _ in
            blocks[job] = Self.fill(
              stretches[job], rows, order, columns, numbers.baseAddress!, centres.baseAddress! + job * columns)
          }
        }
      }
    }
    self.columns = columns
    self.order = order
    self.numbers = numbers
    self.blocks = blocks
    self.centres = centres
  }

  private static func fill(
    _ range: Range<Int>, _ rows: NeighborFrame.Rows, _ order: [Int32], _ columns: Int,
    _ numbers: UnsafeMutablePointer<Float>, _ centre: UnsafeMutablePointer<Float>
  ) -> Block {
    var mean = [Double](repeating: 0, count: columns)
    var (norm, shift, radius) = (0.0, 0.0, 0.0)
    rows.numbers.withUnsafeBufferPointer { x in
      for position in range {
        let from = x.baseAddress! + Int(order[position]) * columns
        let target = numbers + position * columns
        target.update(from: from, count: columns)
        mean.withUnsafeMutableBufferPointer { mean in
          for c in 0..<columns { mean[c] += Double(target[c]) }
        }
        shift = max(shift, rows.shifts[Int(order[position])])
      }
    }
    for c in 0..<columns { centre[c] = Float(mean[c] / Double(range.count)) }
    let zero = [Float](repeating: 0, count: columns)
    for position in range {
      norm = max(norm, Distances.squared(numbers + position * columns, zero, count: columns))
      radius = max(radius, Distances.squared(numbers + position * columns, centre, count: columns))
    }
    let rounding = 1 + 1e-9
    return Block(
      range: range, radius: radius.squareRoot() * rounding, norm: norm.squareRoot() * rounding, shift: shift)
  }

  /// The distance between the centres of a block and of a block of `other`, at most a part in 10⁹ too large.
  func centreDistance(_ block: Int, _ other: NeighborBlocks, _ otherBlock: Int) -> Double {
    centres.withUnsafeBufferPointer { a in
      other.centres.withUnsafeBufferPointer { b in
        Distances.squared(a.baseAddress! + block * columns, b.baseAddress! + otherBlock * columns, count: columns)
          .squareRoot()
      }
    }
  }

  /// Half the squared norm of every row's first `axes` numbers.
  func halfNorms(axes: Int) -> [Float] {
    numbers.withUnsafeBufferPointer { x in
      (0..<order.count).map { position in
        var square = 0.0
        let row = x.baseAddress! + position * columns
        for a in 0..<axes { square += Double(row[a]) * Double(row[a]) }
        return Float(square / 2)
      }
    }
  }
}
