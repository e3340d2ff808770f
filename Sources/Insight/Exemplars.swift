import Tensors

/// A member shown to stand for its group, or to question it.
public struct Exemplar: Sendable, Hashable {
  public let row: Int
  /// Euclidean, to the group's medoid.
  public let distance: Double
  /// The strength of its membership, 0…1.
  public let probability: Double
  public let reason: Reason

  /// Why it is shown.
  public enum Reason: String, Sendable, Hashable {
    case typical
    case farthest
    case leastProbable
  }
}

/// Chooses the members to show.
///
/// *Typical*: from the members nearest to the medoid (a quarter of the group, or half of a small one), farthest-first from the
/// medoid on, so that a strip shows what the middle of the group holds and not eight times the same image. *Odd*: in turn the
/// member farthest from the medoid and the one whose membership is weakest. Neither strip shows two copies of one image, nor
/// an image that is closer to one already shown than a tenth of the mean distance to the medoid.
struct ExemplarChoice {
  let members: [Int]
  let middle: GroupMiddle
  let points: Matrix
  let strengths: [Float]
  /// Rows with equal numbers are copies of one image; nil when unknown.
  let copies: [Int]?

  /// - Complexity: O(wanted · members · columns).
  func typical(_ wanted: Int) -> [Exemplar] {
    let order = members.indices.sorted { (middle.distances[$0], $0) < (middle.distances[$1], $1) }
    let near = max(order.count / 4, min(order.count / 2, 3 * wanted), min(order.count, 2))
    let candidates = order.prefix(near).filter { members[$0] != middle.medoid }
    var gaps = candidates.map { middle.distances[$0] }
    var shown = [middle.medoid]
    var chosen: [Exemplar] = []
    let tooClose = closeness
    while chosen.count < wanted {
      var best: Int?
      for index in candidates.indices where gaps[index] > tooClose && !isCopy(members[candidates[index]], of: shown) {
        if best == nil || gaps[index] > gaps[best!] { best = index }
      }
      guard let best else { break }
      let row = members[candidates[best]]
      chosen.append(exemplar(candidates[best], .typical))
      shown.append(row)
      for index in candidates.indices { gaps[index] = min(gaps[index], separation(members[candidates[index]], row)) }
    }
    return chosen.sorted { ($0.distance, $0.row) < ($1.distance, $1.row) }
  }

  /// - Parameter besides: rows already shown.
  func odd(_ wanted: Int, besides typical: [Exemplar]) -> [Exemplar] {
    let byDistance = members.indices.sorted { (-middle.distances[$0], $0) < (-middle.distances[$1], $1) }
    let byStrength = members.indices.filter { strengths[members[$0]] < 1 }.sorted {
      (Double(strengths[members[$0]]), -middle.distances[$0], $0) < (
        Double(strengths[members[$1]]), -middle.distances[$1], $1
      )
    }
    var queues: [(reason: Exemplar.Reason, order: ArraySlice<Int>)] = [
      (.farthest, byDistance[...]), (.leastProbable, byStrength[...]),
    ]
    var shown = [middle.medoid] + typical.map(\.row)
    var chosen: [Exemplar] = []
    var turn = 0
    while chosen.count < wanted && queues.contains(where: { !$0.order.isEmpty }) {
      let queue = turn % 2
      turn += 1
      while let index = queues[queue].order.popFirst() {
        let row = members[index]
        let isSeen = shown.contains(row) || isCopy(row, of: shown)
        if isSeen || chosen.contains(where: { separation($0.row, row) <= closeness }) { continue }
        chosen.append(exemplar(index, queues[queue].reason))
        shown.append(row)
        break
      }
    }
    return chosen
  }

  private var closeness: Double { 0.1 * middle.distances.reduce(0, +) / Double(members.count) }

  private func exemplar(_ index: Int, _ reason: Exemplar.Reason) -> Exemplar {
    Exemplar(
      row: members[index], distance: middle.distances[index], probability: Double(strengths[members[index]]),
      reason: reason)
  }

  private func isCopy(_ row: Int, of shown: [Int]) -> Bool {
    guard let copies else { return false }
    return shown.contains { copies[$0] == copies[row] }
  }

  private func separation(_ a: Int, _ b: Int) -> Double {
    points.withUnsafeBufferPointer { storage in
      guard let base = storage.baseAddress else { return 0 }
      return between(base + a * points.columns, base + b * points.columns, points.columns)
    }
  }
}
