import Reduction
import Tensors
import Testing

struct UMAPTransformTests {
  private let pool = WorkerPool(threads: 2)

  private func clumps(perClump: Int, seed: Int) -> Matrix {
    var centers = Seed(99).generator()
    let middle = (0..<4 * 6).map { _ in centers.normal() * 4 }
    var generator = Seed(UInt64(seed)).generator()
    return Matrix(
      rows: 4 * perClump, columns: 6,
      storage: (0..<4 * perClump * 6).map { i in
        Float(middle[i / 6 / perClump * 6 + i % 6] + generator.normal())
      })
  }

  @Test func rowsOfTheLayoutLandNearThemselves() throws {
    let points = clumps(perClump: 100, seed: 1)
    let map = try UMAP(nEpochs: 200).fit(points, seed: Seed(1), workers: pool)
    let again = try map.transform(points, workers: pool)
    var distances: [Double] = []
    for row in 0..<points.rows {
      let (x, y) = (again[row, 0] - map.embedding[row, 0], again[row, 1] - map.embedding[row, 1])
      distances.append(Double(x * x + y * y).squareRoot())
    }
    distances.sort()
    // Clumps are some three units across, and lie further apart.
    #expect(distances[distances.count / 2] < 0.7)
    #expect(distances[distances.count * 95 / 100] < 2)
  }

  @Test func newRowsLandInTheirClumps() throws {
    let map = try UMAP(nEpochs: 200).fit(clumps(perClump: 100, seed: 1), seed: Seed(1), workers: pool)
    let others = try map.transform(clumps(perClump: 30, seed: 2), workers: pool)
    let near = Neighbors(of: others, among: map.embedding, count: 5, workers: pool)
    var right = 0
    for row in 0..<others.rows { for place in 0..<5 where near.index(row, place) / 100 == row / 30 { right += 1 } }
    #expect(Double(right) / Double(others.rows * 5) > 0.98)
  }

  @Test func aRowDoesNotKnowWhatOthersComeWithIt() throws {
    let map = try UMAP(nEpochs: 100).fit(clumps(perClump: 60, seed: 1), seed: Seed(1), workers: pool)
    let rows = clumps(perClump: 20, seed: 3)
    let all = try map.transform(rows, workers: pool)
    for row in [0, 17, 42, 79] {
      #expect(try map.transform(rows.rows(at: [row]), workers: pool).row(0) == all.row(row))
    }
    let backwards = Array((0..<rows.rows).reversed())
    #expect(try map.transform(rows.rows(at: backwards), workers: pool) == all.rows(at: backwards))
    let far = Matrix(rows: 2, columns: 6, storage: [1e6, 0, 0, 0, 0, 0] + rows.row(17))
    let withFar = try map.transform(far, workers: pool)
    #expect(withFar.row(1) == all.row(17) && withFar.storage.allSatisfy { $0.isFinite })
    #expect(try map.transform(Matrix(rows: 0, columns: 6), workers: pool).rows == 0)
  }

  @Test func copiesOfPointsStartOnThem() throws {
    let map = try UMAP(learningRate: 0, nEpochs: 5).fit(clumps(perClump: 40, seed: 1), seed: Seed(1), workers: pool)
    let again = try map.transform(clumps(perClump: 40, seed: 1), workers: pool)
    #expect(again == map.embedding, "without a rate nothing moves")
  }
}
