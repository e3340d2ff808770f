import Synchronization

/// Where the time goes, operation by operation, summed over threads: for `--profile` and for whoever makes it faster.
///
///     OperationProfile.start()
///     …
///     for entry in OperationProfile.entries { print(entry.operation, entry.seconds, entry.billionOperations / entry.seconds) }
///
/// One for the process, off until started. Off, a measure costs a load and a branch; on, two looks at the thread's clock and a lock, against
/// operations of tens of microseconds. Measures don't nest. Seconds are the thread's own on a core, so that other programs don't count.
public enum OperationProfile {
  /// What is told apart.
  public enum Operation: String, Sendable, CaseIterable {
    case pixels = "pixels, standardised"
    case augmentation = "augmentation"
    case packing = "packing of weights"
    case embedding = "patch embedding"
    case norm = "layer norms"
    case qkv = "queries, keys, values"
    case attention = "attention"
    case projection = "projection"
    case feedForward1 = "feed-forward 1"
    case feedForward2 = "feed-forward 2"
    case head = "head"
    case loss = "loss"
    case spreading = "KoLeo"
    case monitoring = "monitors"
    case embeddingBackward = "patch embedding, backward"
    case normBackward = "layer norms, backward"
    case branchBackward = "branches, backward"
    case qkvBackward = "queries, keys, values, backward"
    case attentionBackward = "attention, backward"
    case projectionBackward = "projection, backward"
    case feedForward1Backward = "feed-forward 1, backward"
    case feedForward2Backward = "feed-forward 2, backward"
    case headBackward = "head, backward"
    case gradientSum = "sum of gradients"
    case optimizer = "optimiser, teacher"
  }

  public struct Entry: Sendable {
    public let operation: Operation
    /// How often.
    public fileprivate(set) var count = 0
    /// Of all threads together.
    public fileprivate(set) var seconds = 0.0
    /// Multiplications and additions of matrix products, in thousand millions.
    public fileprivate(set) var billionOperations = 0.0
  }

  private static let isOn = Atomic<Bool>(false)
  private static let table = Mutex(Operation.allCases.map { Entry(operation: $0) })

  /// Begins anew.
  public static func start() {
    table.withLock { $0 = Operation.allCases.map { Entry(operation: $0) } }
    isOn.store(true, ordering: .relaxed)
  }

  /// What was measured, in the order of `Operation`, without what never happened.
  public static var entries: [Entry] { table.withLock { $0.filter { $0.count > 0 } } }

  /// Does the work, and measures it where that is asked for.
  /// - Parameter operations: multiplications and additions of its matrix products.
  @inline(__always)
  package static func measure<Result>(
    _ operation: Operation, operations: @autoclosure () -> Int = 0, _ work: () throws -> Result
  ) rethrows -> Result {
    if !isOn.load(ordering: .relaxed) { return try work() }
    let start = threadSeconds()
    let result = try work()
    record(operation, threadSeconds() - start, operations())
    return result
  }

  private static func record(_ operation: Operation, _ seconds: Double, _ operations: Int) {
    let index = Operation.allCases.firstIndex(of: operation)!
    table.withLock {
      $0[index].count += 1
      $0[index].seconds += seconds
      $0[index].billionOperations += Double(operations) * 1e-9
    }
  }
}
