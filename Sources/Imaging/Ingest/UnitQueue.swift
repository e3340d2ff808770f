import Foundation

/// Where units of work come from: the listing, the rest of a large file, an archive. Asked by one thread at a time.
protocol UnitSource<Unit, Outcome>: AnyObject {
  associatedtype Unit
  associatedtype Outcome
  func next() throws -> Pulled<Unit, Outcome>
}

/// What a source has next.
enum Pulled<Unit, Outcome> {
  case unit(Unit)
  /// Nothing to be done, only told.
  case outcome(Outcome)
  case finished
}

/// Hands out units of work to threads and takes their outcomes back in one fixed order, with bounded memory.
///
/// Units and the sources they come from stand in one line, in the order of the outcomes. A thread takes the next unit from the first source
/// that no other thread is asking; a unit that turns out to be many (a file of a thousand frames, an archive) puts a source behind itself, and
/// all threads share it. Outcomes leave at the head of the line. Who would be too far ahead of the head waits; the head itself never does.
final class UnitQueue<Unit, Outcome>: @unchecked Sendable {
  /// A place in the line.
  final class Node {
    fileprivate enum Content {
      case source(any UnitSource<Unit, Outcome>, isBusy: Bool)
      case running
      case done([Outcome])
    }

    fileprivate var content: Content
    fileprivate var weight: Int
    fileprivate var next: Node?
    fileprivate unowned(unsafe) var previous: Node?

    fileprivate init(_ content: Content, weight: Int) {
      self.content = content
      self.weight = weight
    }
  }

  private let condition = NSCondition()
  private var head: Node?
  private var held = 0
  private let limit: Int
  private let unitWeight: Int
  private var isEmitting = false
  private var failure: (any Error)?
  private let emit: (Outcome) throws -> Void

  /// - Parameters:
  ///   - unitWeight: what a running unit counts; outcomes that wait count one each.
  ///   - limit: how much may wait or be under way.
  ///   - emit: is told the outcomes in order, by one thread at a time.
  init(
    _ source: any UnitSource<Unit, Outcome>, unitWeight: Int, limit: Int, emit: @escaping (Outcome) throws -> Void
  ) {
    head = Node(.source(source, isBusy: false), weight: 0)
    self.unitWeight = unitWeight
    self.limit = limit
    self.emit = emit
  }

  /// Does units until there are none. Every thread calls it once. - Throws: what a source or `emit` threw, in one of the threads.
  func work(_ body: (Unit) throws -> (outcomes: [Outcome], rest: (any UnitSource<Unit, Outcome>)?)) throws {
    do {
      while let (unit, node) = try take() {
        let (outcomes, rest) = try body(unit)
        finish(node, outcomes, rest)
        try drain()
      }
    } catch {
      condition.lock()
      let isFirst = failure == nil
      failure = failure ?? error
      condition.broadcast()
      condition.unlock()
      if isFirst { throw error }
    }
  }

  /// The next unit and its place; nil when all is done or something failed.
  private func take() throws -> (Unit, Node)? {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if failure != nil || head == nil { return nil }
      guard let (node, source) = nextSource() else {
        condition.wait()
        continue
      }
      node.content = .source(source, isBusy: true)
      condition.unlock()
      let pulled: Pulled<Unit, Outcome>
      do { pulled = try source.next() } catch {
        condition.lock()
        throw error
      }
      condition.lock()
      node.content = .source(source, isBusy: false)
      switch pulled {
      case .unit(let unit):
        let place = Node(.running, weight: unitWeight)
        insert(place, before: node)
        condition.broadcast()
        return (unit, place)
      case .outcome(let outcome):
        insert(Node(.done([outcome]), weight: 1), before: node)
      case .finished: remove(node)
      }
      condition.broadcast()
      condition.unlock()
      defer { condition.lock() }
      try drain()
    }
  }

  /// The first source that nobody asks, if there is room or nothing stands before it.
  private func nextSource() -> (Node, any UnitSource<Unit, Outcome>)? {
    var place = head
    while let node = place {
      if case .source(let source, isBusy: false) = node.content {
        return held < limit || node === head ? (node, source) : nil
      }
      place = node.next
    }
    return nil
  }

  private func finish(_ node: Node, _ outcomes: [Outcome], _ rest: (any UnitSource<Unit, Outcome>)?) {
    condition.lock()
    defer { condition.unlock() }
    node.content = .done(outcomes)
    held += max(outcomes.count, 1) - node.weight
    node.weight = max(outcomes.count, 1)
    if let rest {
      let place = Node(.source(rest, isBusy: false), weight: 0)
      if let next = node.next { insert(place, before: next) } else { append(place, after: node) }
    }
    condition.broadcast()
  }

  /// Tells what is done at the head of the line, unless another thread is at it.
  private func drain() throws {
    condition.lock()
    defer { condition.unlock() }
    if isEmitting { return }
    isEmitting = true
    defer { isEmitting = false }
    while let node = head, case .done(let outcomes) = node.content {
      remove(node)
      condition.unlock()
      defer { condition.lock() }
      for outcome in outcomes { try emit(outcome) }
    }
    condition.broadcast()
  }

  private func insert(_ node: Node, before other: Node) {
    node.next = other
    node.previous = other.previous
    if let previous = other.previous { previous.next = node } else { head = node }
    other.previous = node
    held += node.weight
  }

  private func append(_ node: Node, after other: Node) {
    other.next = node
    node.previous = other
    held += node.weight
  }

  private func remove(_ node: Node) {
    node.next?.previous = node.previous
    if let previous = node.previous { previous.next = node.next } else { head = node.next }
    node.next = nil
    held -= node.weight
    condition.broadcast()
  }
}
