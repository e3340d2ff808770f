/// How many axes to look at for all pairs of rows: what costs least on a sample of the pairs still to come.
///
/// The choice changes how long a search takes, never what it finds. It hangs on what was found so far, on a fixed seed and on nothing else.
struct NeighborSurvey {
  private static let sampled = 2048
  private static let candidates = [
    8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 1024, 1536, 2048,
  ]

  private let screen: NeighborScreen
  /// All axes.
  let whole: NeighborScreen.Depth

  private var columns: Int { screen.stored.columns }

  init(_ screen: NeighborScreen) {
    self.screen = screen
    whole = Self.depth(screen, axes: screen.stored.columns, span: Self.span(screen.stored))
  }

  /// The depth for the pairs of blocks that are left, in groups; `now` where it stays.
  func depth(for left: [[(Int32, Int32)]], now: NeighborScreen.Depth) -> NeighborScreen.Depth {
    let candidates = Self.candidates.filter { $0 < columns }
    if columns <= 16 || left.isEmpty { return now }
    var survivors = [Int](repeating: 0, count: candidates.count)
    var generator = Seed(0x6465_7074).split("depth").split(left.count).generator()
    var seen = 0
    for _ in 0..<Self.sampled {
      let group = left[generator.integer(below: left.count)]
      if group.isEmpty { continue }
      let (a, b) = group[generator.integer(below: group.count)]
      let (asked, stored) = (screen.asked.blocks[Int(a)].range, screen.stored.blocks[Int(b)].range)
      let x = asked.lowerBound + generator.integer(below: asked.count)
      let y = stored.lowerBound + generator.integer(below: stored.count)
      let limit = max(screen.lists.limit(x), screen.isMutual ? screen.lists.limit(y) : 0)
      let bounds = bounds(x, y, Int(a), Int(b))
      seen += 1
      for (i, axes) in candidates.enumerated() where bounds[axes] <= limit * screen.stretch * screen.stretch {
        survivors[i] += 1
      }
    }
    var (best, least) = (columns, Double(columns) + Self.perPair)
    for (i, axes) in candidates.enumerated() {
      let share = Double(survivors[i]) / Double(max(seen, 1))
      let cost = Double(axes) + 1 + Self.perPair + share * (Self.perSurvivor + 2 * Double(columns))
      if cost < least { (best, least) = (axes, cost) }
    }
    return best == now.axes ? now : Self.depth(screen, axes: best, span: whole.span)
  }

  /// What a pair costs beside its products, and what one costs that is left, in products of the kernel. A pair that is left costs
  /// some 1400 by itself (measured on a Zen 1 at 384 columns), and as much again since many other pairs never come to the kernel.
  private static let perPair = 8.0
  private static let perSurvivor = 2000.0

  /// The lower bound of the squared distance of two rows at every depth: the leading axes, and the difference of the centres beyond.
  private func bounds(_ x: Int, _ y: Int, _ a: Int, _ b: Int) -> [Double] {
    let (asked, stored) = (screen.asked, screen.stored)
    var bounds = [Double](repeating: 0, count: columns + 1)
    var (product, square) = (0.0, 0.0)
    for c in stride(from: whole.span - 1, through: 0, by: -1) {
      let v = Double(asked.centres[a * columns + c]) - Double(stored.centres[b * columns + c])
      product += v * (Double(asked.numbers[x * columns + c]) - Double(stored.numbers[y * columns + c]))
      square += v * v
      bounds[c] = square > 0 ? product * product / square : 0
    }
    var head = 0.0
    for c in 0..<columns {
      let difference = Double(asked.numbers[x * columns + c]) - Double(stored.numbers[y * columns + c])
      head += difference * difference
      bounds[c + 1] += head
    }
    return bounds
  }

  private static func depth(_ screen: NeighborScreen, axes: Int, span: Int) -> NeighborScreen.Depth {
    let stored = screen.stored.halfNorms(axes: axes)
    let asked = screen.isMutual ? stored : screen.asked.halfNorms(axes: axes)
    return NeighborScreen.Depth(axes: axes, span: span, asked: asked, stored: stored)
  }

  /// The leading axes that hold 95 % of what tells the centres of the blocks apart.
  private static func span(_ stored: NeighborBlocks) -> Int {
    let columns = stored.columns
    var spread = [Double](repeating: 0, count: columns)
    for block in stored.blocks.indices {
      for c in 0..<columns {
        let value = Double(stored.centres[block * columns + c])
        spread[c] += value * value
      }
    }
    let wanted = 0.95 * spread.reduce(0, +)
    var (sum, axes) = (0.0, 0)
    while axes < columns && sum < wanted {
      sum += spread[axes]
      axes += 1
    }
    return min(columns, (axes + 15) / 16 * 16)
  }
}
