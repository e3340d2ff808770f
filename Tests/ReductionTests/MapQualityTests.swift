import Reduction
import Tensors
import TestSupport
import Testing

struct MapQualityTests {
  private let pool = WorkerPool(threads: 2)

  private func matrix(_ fixture: Fixture, _ name: String) -> Matrix {
    Matrix(rows: fixture.shape(name)[0], columns: fixture.shape(name)[1], storage: fixture.floats(name))
  }

  @Test func trustworthinessEqualsScikitLearn() throws {
    let fixture = try Fixture("Reduction/umap_graph")
    let (map, points) = (matrix(fixture, "map.map"), matrix(fixture, "map.points"))
    for (k, expected) in zip([1, 5, 10, 30], fixture.doubles("map.trustworthiness")) {
      let quality = MapQuality(of: map, points: points, nNeighbors: k, seed: Seed(1), workers: pool)
      #expect(abs(try #require(quality.trustworthiness) - expected) < 1e-12)
      #expect(quality.isExact && quality.rowsAsked == 150)
    }
  }

  /// Four points on a line, the map puts 0 and 3 together: of each row's one neighbour in the map, the rank is counted by hand.
  @Test func smallMapsByHand() {
    let points = Matrix(rowsOf: [[0], [1], [2.5], [4.5]])
    let map = Matrix(rowsOf: [[0], [10], [12], [1]])
    let quality = MapQuality(of: map, points: points, nNeighbors: 1, seed: Seed(1), workers: pool)
    // Neighbours in the map: 0→3 (rank 3), 1→2 (rank 2), 2→1 (rank 1), 3→0 (rank 3); the sum of rank − 1 is 5.
    #expect(abs(quality.trustworthiness! - (1 - 2.0 / (4 * 1 * (8 - 3 - 1)) * 5)) < 1e-12)
    // Neighbours among the points: 0→1, 1→0, 2→1, 3→2; only 2's is kept.
    #expect(quality.neighborsKept == 0.25)
  }

  @Test func aMapOfEverythingKeepsAll() {
    var generator = Seed(3).generator()
    let points = Matrix(rows: 300, columns: 4, storage: (0..<1200).map { _ in Float(generator.normal()) })
    let same = MapQuality(of: points, points: points, seed: Seed(1), workers: pool)
    #expect(same.trustworthiness == 1 && same.neighborsKept == 1)
    let noise = Matrix(rows: 300, columns: 2, storage: (0..<600).map { _ in Float(generator.normal()) })
    let random = MapQuality(of: noise, points: points, seed: Seed(1), workers: pool)
    #expect(abs(random.trustworthiness! - 0.5) < 0.05 && random.neighborsKept! < 0.1)
  }

  @Test func aSampleIsDrawnByTheSeedAndSaysSo() {
    var generator = Seed(4).generator()
    let points = Matrix(rows: 500, columns: 3, storage: (0..<1500).map { _ in Float(generator.normal()) })
    let map = Matrix(rows: 500, columns: 2, storage: (0..<500).flatMap { [points[$0, 0], points[$0, 1]] })
    let all = MapQuality(of: map, points: points, seed: Seed(1), workers: pool)
    let some = MapQuality(of: map, points: points, sampleRows: 200, seed: Seed(1), workers: pool)
    #expect(all.isExact && !some.isExact && some.rowsAsked == 200)
    #expect(abs(all.trustworthiness! - some.trustworthiness!) < 0.1)
    #expect(abs(all.neighborsKept! - some.neighborsKept!) < 0.1)
    for threads in [1, 3] {
      let workers = WorkerPool(threads: threads)
      #expect(MapQuality(of: map, points: points, sampleRows: 200, seed: Seed(1), workers: workers) == some)
    }
  }

  @Test func fewRows() {
    for n in 0...3 {
      let map = Matrix(rows: n, columns: 2)
      let quality = MapQuality(of: map, points: map, seed: Seed(1), workers: pool)
      #expect(quality.trustworthiness == nil)
      #expect((quality.neighborsKept == nil) == (n < 2))
    }
  }
}
