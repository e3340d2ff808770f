import Reduction
import Tensors
import TestSupport
import Testing

struct UMAPTests {
  private let pool = WorkerPool(threads: 2)

  /// Clumps of `size` points each, planted `apart` from one another.
  private func clumps(_ count: Int, size: Int, columns: Int, apart: Double, seed: Int) -> Matrix {
    var generator = Seed(UInt64(seed)).generator()
    let centers = (0..<count * columns).map { _ in generator.normal() * apart }
    return Matrix(
      rows: count * size, columns: columns,
      storage: (0..<count * size * columns).map { i in
        let (row, c) = (i / columns, i % columns)
        return Float(centers[row / size * columns + c] + generator.normal())
      })
  }

  private func squares(_ n: Int, seed: Int) -> Matrix {
    var generator = Seed(UInt64(seed)).generator()
    return Matrix(
      rows: n, columns: 5,
      storage: (0..<n).flatMap { _ in
        let (x, y) = (generator.uniform(0...4), generator.uniform(0...4))
        return [Float(x), Float(y), Float(sine(x)), Float(cosine(y)), Float(0.1 * generator.normal())]
      })
  }

  /// The share of each row's `k` neighbours in the map that are of its own clump.
  private func purity(_ map: Matrix, size: Int, k: Int) -> Double {
    let near = Neighbors(of: map, count: k, workers: pool)
    var same = 0
    for row in 0..<map.rows { for place in 0..<k where near.index(row, place) / size == row / size { same += 1 } }
    return Double(same) / Double(map.rows * k)
  }

  @Test(arguments: [UMAP.Initialization.spectral, .pca, .random])
  func plantedClumpsStayApart(initialization: UMAP.Initialization) throws {
    let points = clumps(6, size: 60, columns: 10, apart: 4, seed: 1)
    let fitted = try UMAP(initialization: initialization).fit(points, seed: Seed(1), workers: pool)
    #expect(fitted.embedding.rows == 360 && fitted.embedding.columns == 2)
    #expect(fitted.embedding.storage.allSatisfy { $0.isFinite })
    #expect(purity(fitted.embedding, size: 60, k: 10) > 0.99)
  }

  /// A sheet in five dimensions lies flat again; a map at random has a trustworthiness of a half, and one that only starts well
  /// (no epochs to speak of) less than this.
  @Test func aSheetIsUnrolled() throws {
    let points = squares(900, seed: 2)
    let map = try UMAP(nEpochs: 200).fit(points, seed: Seed(1), workers: pool)
    #expect(map.start == .spectral && map.connectedParts == 1)
    let quality = MapQuality(of: map.embedding, points: points, seed: Seed(1), workers: pool)
    #expect(quality.trustworthiness! > 0.97)
    #expect(quality.neighborsKept! > 0.4)
    let random = try UMAP(nEpochs: 1, initialization: .random).fit(points, seed: Seed(1), workers: pool)
    #expect(MapQuality(of: random.embedding, points: points, seed: Seed(1), workers: pool).trustworthiness! < 0.6)
  }

  @Test func theSameBytesAtAnyThreadCount() throws {
    let points = squares(2500, seed: 3)
    let umap = UMAP(nEpochs: 30)
    let one = try umap.fit(points, seed: Seed(4), workers: WorkerPool(threads: 1))
    let others = squares(1200, seed: 4)
    let set = try one.transform(others, workers: WorkerPool(threads: 1))
    for threads in 2...3 {
      let workers = WorkerPool(threads: threads)
      let other = try umap.fit(points, seed: Seed(4), workers: workers)
      #expect(other == one)
      #expect(try other.transform(others, workers: workers) == set)
    }
    #expect(try umap.fit(points, seed: Seed(5), workers: pool).embedding != one.embedding)
  }

  /// In another order of rows the layout is another one, as good as the first.
  @Test func anotherOrderOfRowsIsAsGood() throws {
    let points = squares(600, seed: 5)
    var order = Array(0..<600)
    var generator = Seed(6).generator()
    generator.shuffle(&order)
    let shuffled = points.rows(at: order)
    let qualities = try [points, shuffled].map { points in
      let map = try UMAP(nEpochs: 200).fit(points, seed: Seed(1), workers: pool)
      return MapQuality(of: map.embedding, points: points, seed: Seed(1), workers: pool).trustworthiness!
    }
    #expect(abs(qualities[0] - qualities[1]) < 0.02)
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5, 8, 14, 15, 16, 20], [1, 2, 3, 5, 10])
  func fewRowsAndAnyNumberOfDimensions(rows: Int, dimensions: Int) throws {
    let points = squares(rows, seed: rows)
    for initialization in [UMAP.Initialization.spectral, .pca, .random] {
      let umap = UMAP(nComponents: dimensions, nEpochs: 20, initialization: initialization)
      let map = try umap.fit(points, seed: Seed(1), workers: pool)
      #expect(map.embedding.rows == rows && map.embedding.columns == dimensions)
      #expect(map.embedding.storage.allSatisfy { $0.isFinite })
    }
  }

  @Test func equalPointsAndCopies() throws {
    let equal = try UMAP(nEpochs: 50).fit(
      Matrix(rows: 60, columns: 3, repeating: 2), seed: Seed(1), workers: pool)
    #expect(equal.embedding.storage.allSatisfy { $0.isFinite })
    #expect(Set(equal.embedding.storage).count > 60, "equal points part")
    let few = squares(20, seed: 7)
    let copied = few.rows(at: (0..<400).map { $0 % 20 })
    let map = try UMAP(nEpochs: 100).fit(copied, seed: Seed(1), workers: pool)
    #expect(map.embedding.storage.allSatisfy { $0.isFinite })
    #expect(map.connectedParts == 20, "each point has more copies than neighbours")
  }

  @Test(arguments: [2, 4, 5, 12]) func partsThatAreNotConnectedAreSetApart(count: Int) throws {
    let points = clumps(count, size: 40, columns: 8, apart: 60, seed: 8)
    for given in [points, nil] {
      let near = Neighbors(of: points, count: 14, workers: pool)
      let map = try UMAP(nEpochs: 100).fit(neighbors: near, points: given, seed: Seed(1), workers: pool)
      #expect(map.connectedParts == count && map.start == .spectral)
      #expect(purity(map.embedding, size: 40, k: 10) == 1)
    }
  }

  @Test func aStartThatDoesNotConvergeIsGivenUpAndSaidSo() throws {
    let points = squares(800, seed: 9)
    let umap = UMAP(nEpochs: 20, spectralProducts: 10)
    #expect(try umap.fit(points, seed: Seed(1), workers: pool).start == .pcaForSpectral)
    let near = Neighbors(of: points, count: 14, workers: pool)
    #expect(try umap.fit(neighbors: near, points: nil, seed: Seed(1), workers: pool).start == .randomForSpectral)
  }

  @Test func givenNeighborsGiveTheSameMap() throws {
    let points = squares(300, seed: 10)
    let near = Neighbors(of: points, count: 14, workers: pool)
    let umap = UMAP(nEpochs: 20)
    let own = try umap.fit(points, seed: Seed(1), workers: pool)
    #expect(try umap.fit(neighbors: near, points: points, seed: Seed(1), workers: pool) == own)
    let start = Matrix(rows: 300, columns: 2, storage: (0..<600).map { Float($0 % 7) })
    let still = UMAP(learningRate: 0, nEpochs: 3, initialization: .given(start))
    let map = try still.fit(points, seed: Seed(1), workers: pool)
    #expect(map.embedding == start && map.start == .given)
  }

  @Test func whatIsRefused() throws {
    let points = squares(50, seed: 11)
    let near = Neighbors(of: points, count: 14, workers: pool)
    #expect(throws: UMAP.Failure.pointsNeeded) {
      try UMAP(initialization: .pca).fit(neighbors: near, points: nil, seed: Seed(1), workers: pool)
    }
    let graphOnly = try UMAP(nEpochs: 2).fit(neighbors: near, points: nil, seed: Seed(1), workers: pool)
    #expect(throws: UMAP.Failure.pointsNeeded) { try graphOnly.transform(points, workers: pool) }
    var spoilt = points
    spoilt[7, 2] = .nan
    #expect(throws: UMAP.Failure.notFinite(row: 7)) { try UMAP().fit(spoilt, seed: Seed(1), workers: pool) }
    let fitted = try UMAP(nEpochs: 2).fit(points, seed: Seed(1), workers: pool)
    #expect(throws: UMAP.Failure.notFinite(row: 7)) { try fitted.transform(spoilt, workers: pool) }
    let lonely = try UMAP().fit(squares(1, seed: 1), seed: Seed(1), workers: pool)
    #expect(throws: UMAP.Failure.tooFewRows(1)) { try lonely.transform(points, workers: pool) }
  }
}
