import Tensors
import TestSupport
import Testing

struct DistanceRowsTests {
  /// Bit for bit what the plain loop gives, at every width and count around the vectors' lengths.
  @Test func equalsThePlainLoop() {
    withEvery("columns", in: Array(0...13) + [50, 384]) { columns in
      var generator = Seed(3).split(columns).generator()
      let rows = 11
      let x = (0..<(rows + 4) * columns).map { _ in Float(generator.normal() * (generator.chance(0.1) ? 1e3 : 1)) }
      let questions = x.suffix(4 * columns).map(Double.init)
      for asked in 1...4 {
        for count in 0...rows {
          var found = [Double](repeating: -1, count: 4 * 16)
          Distances.squared(questions, asked: asked, x, count: count, columns: columns, into: &found, stride: 16)
          for q in 0..<4 {
            for row in 0..<16 {
              let expected =
                q < asked && row < count
                ? x.withUnsafeBufferPointer { x in
                  columns == 0
                    ? 0
                    : Distances.squared(
                      x.baseAddress! + (rows + q) * columns, x.baseAddress! + row * columns, count: columns)
                } : -1
              #expect(found[q * 16 + row] == expected)
            }
          }
        }
      }
    }
  }

  @Test func inversePowersEqualThePowerFunction() {
    withEvery("count", in: 0...35) { count in
      var generator = Seed(4).split(count).generator()
      let squares = (0..<count).map { _ in generator.chance(0.2) ? 0 : generator.uniform(0.5...8) }
      let positive = squares.filter { $0 > 0 }
      let nearest = Distances.nearest(squares, count: count)
      #expect(nearest == positive.min() ?? .infinity)
      if positive.isEmpty { return }
      for width in [1, 2, 3, 7, 50, 51, 384, 1024] {
        let expected = positive.reduce(0.0) { $0 + power(nearest / $1, Double(width) / 2) }
        let found = Distances.inversePowers(squares, count: count, nearest: nearest, power: width)
        #expect(abs(found - expected) <= 1e-12 * expected, "power \(width)")
      }
    }
  }
}
