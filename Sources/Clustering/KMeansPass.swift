import Tensors

/// One pass over a chunk of rows: finds each row's nearest centre, or its nearest but its own, by 64-bit distances, ties to the lower.
///
/// Bounds rule out rows that need no look, then centres; what is left is proposed in 32 bits, by one product of many rows and
/// many centres where many are left, and centre by centre where few are; 64 bits decide between proposals that are
/// too near to call. Rows that need a look are gathered first, so that products stay large. Which way is taken changes no result.
final class KMeansPass: @unchecked Sendable {
  /// What a pass is to find.
  enum Aim {
    /// The nearest of all centres.
    case nearest
    /// The nearest centre but the row's own.
    case rival
  }

  private static let blockRows = 128
  /// With more than this share of pairs left, all are multiplied: a pair alone costs about three times as much.
  private static let denseShare = 0.3
  /// A centre that this share of the rows of a block asks for is multiplied with all of them.
  private static let columnShare = 0.35

  private let questions: KMeansQuestions
  private let bounds: KMeansBounds?
  private let aim: Aim
  private let (columns, width, k): (Int, Int, Int)
  // Scratch, by pointers: arrays of a class are checked for overlapping use at every access.
  private let packed: UnsafeMutablePointer<Float>
  private let errors: UnsafeMutablePointer<Float>
  private let flags: UnsafeMutablePointer<UInt8>
  private let products: UnsafeMutablePointer<Float>
  /// Centres gathered for one product.
  private let panel: UnsafeMutablePointer<Float>
  private let tally: UnsafeMutablePointer<UInt8>
  /// Candidates of one row: the gathered centres first.
  private let which: UnsafeMutablePointer<UInt32>
  private let whichSlack: UnsafeMutablePointer<Float>
  private let single: UnsafeMutablePointer<Float>
  private let chosen: UnsafeMutablePointer<UInt32>
  /// Rows of a block that need a look.
  private let asking: UnsafeMutablePointer<Int>
  /// The paths of centres in steps, if there are bounds.
  private let steps: [UInt8]

  init(_ questions: KMeansQuestions, bounds: KMeansBounds?, aim: Aim) {
    self.questions = questions
    self.bounds = bounds
    self.aim = aim
    (columns, width, k) = (questions.screen.columns, questions.screen.width, questions.count)
    let size = Self.blockRows
    let pairs = size * k
    packed = .allocate(capacity: size * width)
    errors = .allocate(capacity: size)
    flags = .allocate(capacity: bounds == nil ? 1 : pairs)
    products = .allocate(capacity: pairs)
    panel = .allocate(capacity: bounds == nil ? 1 : k * width)
    tally = .allocate(capacity: k)
    which = .allocate(capacity: k + 1)
    whichSlack = .allocate(capacity: k + 1)
    single = .allocate(capacity: k + 1)
    chosen = .allocate(capacity: k + 1)
    asking = .allocate(capacity: size)
    steps = bounds?.pathInSteps ?? []
  }

  deinit {
    for floats in [packed, errors, products, panel, whichSlack, single] { floats.deallocate() }
    for bytes in [flags, tally] { bytes.deallocate() }
    for indices in [which, chosen] { indices.deallocate() }
    asking.deallocate()
  }

  /// Calls `found` with the row, its values and what was found, for rows that needed a look: a row for which it isn't
  /// called keeps its label (`.nearest`). For `.rival`, `found` is called for every row.
  /// - Parameter labels: of all rows; −1 before the first pass.
  func run(
    _ points: any RowSource, _ chunk: Range<Int>, _ labels: UnsafePointer<Int32>,
    _ found: (_ row: Int, _ values: UnsafePointer<Float>, _ center: Int) -> Void
  ) throws {
    for start in stride(from: chunk.lowerBound, to: chunk.upperBound, by: KMeansProblem.lentRows) {
      let lent = start..<min(start + KMeansProblem.lentRows, chunk.upperBound)
      try points.withRows(lent) { values in
        for first in stride(from: lent.lowerBound, to: lent.upperBound, by: Self.blockRows) {
          let block = first..<min(first + Self.blockRows, lent.upperBound)
          look(block, values.baseAddress! + (first - start) * columns, labels, found)
        }
      }
    }
  }

  private func look(
    _ block: Range<Int>, _ values: UnsafePointer<Float>, _ labels: UnsafePointer<Int32>,
    _ found: (Int, UnsafePointer<Float>, Int) -> Void
  ) {
    var asked = 0
    let known = bounds.flatMap { $0.areFilled && block.upperBound <= $0.rows ? $0 : nil }
    var pairs = block.count * k
    if let known {
      pairs = 0
      for row in block {
        let left = screened(row, values + (row - block.lowerBound) * columns, Int(labels[row]), known, &asked)
        pairs += left
      }
    } else {
      for row in block { take(row, values + (row - block.lowerBound) * columns, &asked) }
    }
    if asked == 0 { return }
    func settle(
      _ row: Int, _ position: Int, _ count: Int, _ products: UnsafePointer<Float>, _ which: UnsafePointer<UInt32>?
    ) {
      self.settle(
        row, values + (row - block.lowerBound) * columns, Int(labels[row]), error: errors[position],
        count: count, products, which, found)
    }
    if known == nil || Double(pairs) > Self.denseShare * Double(asked * k) {
      multiply(asked, by: questions.storage, count: k)
      for position in 0..<asked {
        let row = asking[position]
        if aim == .rival { products[position * k + Int(labels[row])] = .infinity }
        settle(row, position, k, products + position * k, nil)
      }
    } else {
      let shared = gatherColumns(asked)
      if shared > 0 { multiply(asked, by: panel, count: shared) }
      for position in 0..<asked {
        let row = asking[position]
        let own = Int(labels[row])
        if aim == .nearest { flags[position * k + own] = 1 }
        for j in 0..<shared { flags[position * k + Int(which[j])] = 0 }
        single.update(from: products + position * shared, count: shared)
        let count = shared + listed(position, after: shared)
        if aim == .rival { for j in 0..<shared where which[j] == own { single[j] = .infinity } }
        settle(row, position, count, single, which)
      }
    }
  }

  /// Puts a row among those that need a look.
  private func take(_ row: Int, _ values: UnsafePointer<Float>, _ asked: inout Int) {
    let square = questions.screen.store(values, into: packed + asked * width)
    errors[asked] = questions.error(ofSquaredNorm: square)
    asking[asked] = row
    asked += 1
  }

  /// Flags the centres that bounds leave for a row, and takes the row if there are any; returns how many.
  private func screened(
    _ row: Int, _ values: UnsafePointer<Float>, _ own: Int, _ bounds: KMeansBounds, _ asked: inout Int
  ) -> Int {
    let position = asked
    let bytes = bounds.bytes(ofRow: row)
    let flags = flags + position * k
    func unsure(_ reach: UInt8) -> Int {
      CenterRows.unsure(bytes, steps, reach: reach, own: own, count: k, into: flags)
    }
    if aim == .rival {
      let likely = CenterRows.likely(bytes, steps, own: own, count: k)
      take(row, values, &asked)
      return unsure(bounds.inSteps(reach(position, likely)))
    }
    var reach = ((bounds.reaches[row] + bounds.moved[own]) * 1.000001).nextUp
    var left = unsure(bounds.inSteps(reach))
    if left > 0 {
      take(row, values, &asked)
      let tight = self.reach(position, own)
      if tight < reach {
        let before = bounds.inSteps(reach)
        reach = tight
        if bounds.inSteps(reach) < before { left = unsure(bounds.inSteps(reach)) }
        if left == 0 { asked -= 1 }
      }
    }
    bounds.reaches[row] = reach
    return left
  }

  /// At least the distance of a taken row to a centre.
  private func reach(_ position: Int, _ center: Int) -> Float {
    var proposed: Float = 0
    var index = UInt32(center)
    CenterRows.products(
      packed + position * width, questions.storage, columns: columns, which: &index, count: 1, into: &proposed)
    return upper(proposed, slack: questions.slack[center], error: errors[position])
  }

  private func upper(_ proposed: Float, slack: Float, error: Float) -> Float {
    (max(0, proposed + slack + error) * 1.000001).squareRoot().nextUp
  }

  private func multiply(_ asked: Int, by questions: UnsafePointer<Float>, count: Int) {
    BLAS.multiply(packed, questions, transposeB: true, into: products, m: asked, n: count, k: width)
  }

  /// Gathers the centres that many rows ask for into `panel`, `which` and `whichSlack`; returns how many.
  private func gatherColumns(_ asked: Int) -> Int {
    if asked < 16 { return 0 }
    tally.update(repeating: 0, count: k)
    for position in 0..<asked { CenterRows.tally(flags + position * k, count: k, into: tally) }
    let enough = UInt8(max(1, Double(asked) * Self.columnShare))
    var shared = 0
    for j in 0..<k where tally[j] >= enough {
      which[shared] = UInt32(j)
      whichSlack[shared] = questions.slack[j]
      questions.storage.withUnsafeBufferPointer {
        (panel + shared * width).update(from: $0.baseAddress! + j * width, count: width)
      }
      shared += 1
    }
    return shared
  }

  /// Proposes the distances of a row to the centres it has flags for, into `single` from `shared` on; returns how many.
  private func listed(_ position: Int, after shared: Int) -> Int {
    let which = which + shared
    let count = CenterRows.list(flags + position * k, count: k, into: which)
    questions.slack.withUnsafeBufferPointer { slack in
      for j in 0..<count { whichSlack[shared + j] = slack[Int(which[j])] }
    }
    CenterRows.products(
      packed + position * width, questions.storage, columns: columns, which: which, count: count,
      into: single + shared)
    return count
  }

  /// Decides a row by the proposals left, those of all centres or of `which`, and notes what they say of its bounds.
  private func settle(
    _ row: Int, _ values: UnsafePointer<Float>, _ own: Int, error: Float, count: Int,
    _ products: UnsafePointer<Float>, _ which: UnsafePointer<UInt32>?, _ found: (Int, UnsafePointer<Float>, Int) -> Void
  ) {
    questions.slack.withUnsafeBufferPointer { all in
      self.settle(
        row, values, own, error: error, count: count, products, which,
        which == nil ? all.baseAddress! : UnsafePointer(whichSlack),
        found)
    }
  }

  private func settle(
    _ row: Int, _ values: UnsafePointer<Float>, _ own: Int, error: Float, count: Int, _ products: UnsafePointer<Float>,
    _ which: UnsafePointer<UInt32>?, _ slack: UnsafePointer<Float>, _ found: (Int, UnsafePointer<Float>, Int) -> Void
  ) {
    let limit = (CenterRows.least(products, slack: slack, count: count) + 2 * error).nextUp
    let rivals = CenterRows.within(products, count: count, limit: limit + abs(limit) * 1e-6, into: chosen)
    var winner = (place: Int(chosen[0]), center: which.map { Int($0[Int(chosen[0])]) } ?? Int(chosen[0]))
    if rivals > 1 {
      var least = Double.infinity
      questions.values.withUnsafeBufferPointer { centers in
        for rival in 0..<rivals {
          let place = Int(chosen[rival])
          let center = which.map { Int($0[place]) } ?? place
          if products[place] == .infinity { continue }
          let distance = CenterRows.distance(values, centers.baseAddress! + center * columns, count: columns)
          if distance < least || distance == least && center < winner.center {
            (least, winner) = (distance, (place, center))
          }
        }
      }
    }
    if let bounds, row < bounds.rows, aim == .nearest {
      let bytes = bounds.bytes(ofRow: row)
      if let which {
        CenterRows.bounds(
          products, at: which, travelled: bounds.pathBelow, error: error, perStep: bounds.perStep, count: count,
          into: bytes)
      } else {
        CenterRows.bounds(
          products, travelled: bounds.pathBelow, error: error, perStep: bounds.perStep, count: count, into: bytes)
      }
      bounds.reaches[row] = upper(products[winner.place], slack: slack[winner.place], error: error)
    }
    found(row, values, winner.center)
  }
}
