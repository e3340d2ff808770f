import Clustering
import Foundation
import Tensors

/// DBCV from its definition: all distances of a group in a table, core distances by logarithms, Prim's algorithm over the table with
/// ties to the lower row at both ends.
struct NaiveDensityValidity {
  private(set) var score: Double?
  private(set) var groups: [Double?]

  init(_ x: Matrix, _ partition: Partition) {
    let members = partition.members
    let measured = members.indices.filter { members[$0].count >= 2 }
    groups = members.map { _ in nil }
    if measured.count < 2 { return }
    var core = [Double](repeating: 0, count: x.rows)
    for group in measured {
      for row in members[group] { core[row] = Self.core(row, members[group], x) }
    }
    func reach(_ a: Int, _ b: Int) -> Double { max(core[a], core[b], Distances.between(a, b, of: x)) }
    var inner = members
    var sparseness = [Double](repeating: 0, count: members.count)
    for group in measured {
      let edges = Self.prim(members[group], reach)
      let degree = Dictionary((edges.map(\.a) + edges.map(\.b)).map { ($0, 1) }, uniquingKeysWith: +)
      inner[group] = members[group].filter { degree[$0]! > 1 }
      if inner[group].isEmpty { inner[group] = [members[group][0]] }
      let innerEdges = edges.filter { degree[$0.a]! > 1 && degree[$0.b]! > 1 }
      sparseness[group] = (innerEdges.isEmpty ? edges : innerEdges).map { reach($0.a, $0.b) }.max()!
    }
    var total = 0.0
    for group in measured {
      let gap = measured.filter { $0 != group }.flatMap { other in
        inner[group].flatMap { a in inner[other].map { reach(a, $0) } }
      }.min()!
      let most = max(gap, sparseness[group])
      groups[group] = most > 0 ? (gap - sparseness[group]) / most : 0
      total += Double(members[group].count) / Double(x.rows) * groups[group]!
    }
    score = total
  }

  private static func core(_ row: Int, _ members: [Int], _ x: Matrix) -> Double {
    let d = Double(x.columns)
    let exponents = members.map { Distances.between(row, $0, of: x) }.filter { $0 > 0 }.map { -d * log($0) }
    guard let most = exponents.max() else { return 0 }
    let sum = most + log(exponents.reduce(0) { $0 + exp($1 - most) })
    // Equal on paper is equal in the tree: 41 bits.
    let core = exp((log(Double(members.count - 1)) - sum) / d)
    return Double(
      sign: .plus, exponent: core.exponent - 40, significand: (core.significand * 0x1p40).rounded(.toNearestOrEven))
  }

  private static func prim(_ rows: [Int], _ reach: (Int, Int) -> Double) -> [(a: Int, b: Int)] {
    var tree = [rows[0]]
    var outside = Array(rows.dropFirst())
    var edges: [(a: Int, b: Int)] = []
    var known = Dictionary(outside.map { ($0, (weight: reach(rows[0], $0), source: rows[0])) }) { a, _ in a }
    while !outside.isEmpty {
      let next = outside.min { known[$0]!.weight < known[$1]!.weight }!
      edges.append((known[next]!.source, next))
      tree.append(next)
      outside.removeAll { $0 == next }
      for row in outside {
        let weight = reach(next, row)
        if weight < known[row]!.weight || (weight == known[row]!.weight && next < known[row]!.source) {
          known[row] = (weight, next)
        }
      }
    }
    return edges
  }
}
