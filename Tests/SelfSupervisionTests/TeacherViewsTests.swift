import SelfSupervision
import Tensors
import TestSupport
import Testing

struct TeacherViewsTests {
  private static let width = 12

  /// The definitions, read out in 64 bits: covariance of unit vectors, and cosines about their mean.
  private func naive(_ rows: [[Double]]) -> (rank: Double, retrieval: Double) {
    let units = rows.map { row in
      let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / norm }
    }
    let columns = 0..<Self.width
    let mean = columns.map { c in units.reduce(0) { $0 + $1[c] } / Double(rows.count) }
    let centred = units.map { zip($0, mean).map { $0 - $1 } }
    var (trace, square) = (0.0, 0.0)
    for a in columns {
      for b in columns {
        let covariance = centred.reduce(0) { $0 + $1[a] * $1[b] }
        trace += a == b ? covariance : 0
        square += covariance * covariance
      }
    }
    func cosine(_ a: [Double], _ b: [Double]) -> Double {
      func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
    let images = rows.count / 2
    let found = (0..<images).filter { i in
      (0..<images).allSatisfy { j in
        j == i || cosine(centred[i], centred[images + j]) < cosine(centred[i], centred[images + i])
      }
    }
    return (trace * trace / square, Double(found.count) / Double(images))
  }

  private func measure(_ rows: [[Double]], batch: Int, pieces: Int) -> TeacherViews.Measures {
    let views = TeacherViews(batch: batch, width: Self.width)
    let images = rows.count / 2
    for start in stride(from: 0, to: images, by: pieces) {
      let positions = start..<min(start + pieces, images)
      let numbers = (0..<2).flatMap { crop in positions.flatMap { rows[crop * images + $0].map { Float($0) } } }
      numbers.withUnsafeBufferPointer { views.take($0.baseAddress!, positions) }
    }
    return views.measure(batch: images)
  }

  /// Second views are first ones with noise.
  private func rows(_ images: Int, noise: Double, _ generator: inout RandomGenerator) -> [[Double]] {
    let first = (0..<images).map { _ in
      (0..<Self.width).map { c in 3 + generator.normal() * (c < 4 ? 1 : 0.2) }
    }
    return first + first.map { row in row.map { $0 + noise * generator.normal() } }
  }

  @Test(arguments: [(7, 1), (16, 5), (40, 40)]) func theDefinitions(_ images: Int, _ pieces: Int) {
    var generator = Seed(8).split(images).generator()
    for noise in [0.05, 0.5, 2] {
      let rows = rows(images, noise: noise, &generator)
      let (expected, measured) = (naive(rows), measure(rows, batch: 40, pieces: pieces))
      #expect(abs(measured.effectiveRank - expected.rank) < 1e-4 * expected.rank)
      #expect(measured.retrieval == expected.retrieval, "noise \(noise)")
    }
  }

  /// Directions of equal spread count one each.
  @Test func equalDirectionsAreCounted() {
    for directions in 1...5 {
      var rows: [[Double]] = []
      for axis in 0..<directions {
        for sign in [-1.0, 1] {
          rows.append([10] + (1..<Self.width).map { $0 == axis + 1 ? sign : 0 })
        }
      }
      let measured = measure(rows + rows, batch: rows.count, pieces: 3)
      #expect(abs(measured.effectiveRank - Double(directions)) < 1e-3)
      #expect(measured.retrieval == 1)
    }
  }

  @Test func featuresAllAlikeHaveNoDirection() {
    let row = (0..<Self.width).map { 0.3 + Double($0) }
    let measured = measure([[Double]](repeating: row, count: 20), batch: 10, pieces: 4)
    #expect(measured.effectiveRank == 0 && measured.retrieval == 0)
  }

  /// Of a batch beyond the limit the first images are looked at.
  @Test func aLargeBatchIsLookedAtInPart() {
    var generator = Seed(9).generator()
    let images = TeacherViews.limit + 50
    let all = rows(images, noise: 0.5, &generator)
    let part = Array(all[..<TeacherViews.limit] + all[images..<images + TeacherViews.limit])
    #expect(measure(all, batch: images, pieces: 7) == measure(part, batch: TeacherViews.limit, pieces: 256))
  }

  @Test func prototypesThatWinAreCounted() {
    var use = PrototypeUse(output: 130)
    #expect(use.count([0, 129, 64, 129]) == 0.5)
    #expect(use.used == 3)
    #expect(use.count([63, 63, 63, 0]) == 0.75)
    #expect(use.used == 4)
    use.beginEpoch()
    #expect(use.used == 0)
    #expect(use.count([]) == 0)
  }
}
