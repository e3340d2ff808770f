import Insight
import TestSupport
import Testing

struct OverRepresentationTests {
  /// Against a count of all ways to choose, by Pascal's triangle, for every small archive.
  @Test func upperTailByCounting() {
    var choose = [[Double]](repeating: [Double](repeating: 0, count: 13), count: 13)
    for n in 0...12 { for k in 0...n { choose[n][k] = k == 0 ? 1 : choose[n - 1][k - 1] + choose[n - 1][k] } }
    withEvery("rows", in: 1...12) { rows in
      let test = OverRepresentation(rows: rows)
      for size in 0...rows {
        for marked in 0...rows {
          for seen in 0...rows {
            var ways = 0.0
            for count in seen...max(seen, min(size, marked))
            where count <= min(size, marked) && size - count <= rows - marked {
              ways += choose[marked][count] * choose[rows - marked][size - count]
            }
            let p = test.upperTail(seen: seen, size: size, marked: marked, rows: rows)
            #expect(abs(p - ways / choose[rows][size]) < 1e-12, "\(seen) of \(size), \(marked) of \(rows)")
          }
        }
      }
    }
  }

  @Test func farTailsUnderflowToZero() {
    let p = OverRepresentation(rows: 20_000).upperTail(seen: 5_000, size: 5_000, marked: 5_000, rows: 20_000)
    #expect(p == 0)
  }

  /// p = .01 .04 .03 .005: sorted .005 .01 .03 .04 → .02 .02 .04 .04.
  @Test func benjaminiHochbergByHand() {
    let q = OverRepresentation.adjusted([0.01, 0.04, 0.03, 0.005])
    #expect(zip(q, [0.02, 0.04, 0.04, 0.02]).allSatisfy { abs($0 - $1) < 1e-15 })
    #expect(OverRepresentation.adjusted([]) == [])
    #expect(OverRepresentation.adjusted([0.7, 0.9]) == [0.9, 0.9])
  }
}
