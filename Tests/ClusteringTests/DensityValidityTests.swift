import Clustering
import Tensors
import TestSupport
import Testing

struct DensityValidityTests {
  private static let tolerance = 1e-9
  private let pool = WorkerPool(threads: 2)

  @Test(arguments: ["near", "far"])
  func equalsTheHDBSCANPackage(name: String) throws { try compare("Clustering/validity", "dbcv.\(name)") }

  /// Unequal groups, groups of two and three, duplicates, a grid full of ties, many and oddly many columns, groups at random.
  @Test(arguments: ["plane", "moons", "features", "odd", "pairs", "duplicates", "grid", "mixed"])
  func equalsTheHDBSCANPackageInCorners(name: String) throws { try compare("Clustering/density_validity", name) }

  private func compare(_ file: String, _ name: String) throws {
    let fixture = try Fixture(file)
    let shape = fixture.shape("\(name).x")
    let x = Matrix(rows: shape[0], columns: shape[1], storage: fixture.floats("\(name).x"))
    let partition = partition(fixture.integers("\(name).labels").map { $0 < 0 ? nil : $0 })
    let found = DensityValidity(of: x, partition, workers: pool)
    let expected = fixture.doubles("\(name).groups")
    for (group, raw) in partition.rawNumbers.enumerated() {
      #expect(abs(found.groups[group]! - expected[raw]) < Self.tolerance)
    }
    #expect(abs(found.score! - fixture.doubles("\(name).score")[0]) < Self.tolerance)
  }

  private func partition(_ labels: [Int?]) -> Partition {
    Partition(rawLabels: labels, strengths: labels.map { $0 == nil ? 0 : 1 })
  }

  @Test func equalsTheDefinitionOnSmallSets() {
    withEvery("seed", in: 0..<200) { seed in
      var generator = Seed(79).split(seed).generator()
      let rows = 2 + generator.integer(below: 50)
      let columns = generator.integer(below: 8)
      let isGrid = generator.chance(0.4)
      let x = Matrix(
        rows: rows, columns: columns,
        storage: (0..<rows * columns).map { _ in
          isGrid ? Float(generator.integer(below: 4)) : Float(generator.normal())
        })
      let groups = 1 + generator.integer(below: 5)
      let partition = partition((0..<rows).map { _ in generator.chance(0.1) ? nil : generator.integer(below: groups) })
      let found = DensityValidity(of: x, partition, workers: pool)
      let expected = NaiveDensityValidity(x, partition)
      #expect((found.score == nil) == (expected.score == nil), "seed \(seed)")
      #expect(abs((found.score ?? 0) - (expected.score ?? 0)) < Self.tolerance, "seed \(seed)")
      #expect(found.groups.map { $0 == nil } == expected.groups.map { $0 == nil }, "seed \(seed)")
      #expect(normalizedError(found.groups.map { $0 ?? 0 }, expected.groups.map { $0 ?? 0 }) < Self.tolerance)
    }
  }

  /// Several blocks of questions and rows, one huge group among small ones.
  @Test func theSameAtAnyThreadCount() {
    let planted = Planted.blobs(rows: 2400, columns: 13, groups: 24, spread: 2, noise: 0.05, seed: 11)
    let partition = partition(planted.truth.map { $0 < 0 ? nil : max(0, $0 - 18) })
    let one = DensityValidity(of: planted.points, partition, workers: WorkerPool(threads: 1))
    for threads in 2...3 {
      #expect(DensityValidity(of: planted.points, partition, workers: WorkerPool(threads: threads)) == one)
    }
    let naive = NaiveDensityValidity(planted.points, partition)
    #expect(abs(one.score! - naive.score!) < Self.tolerance)
  }

  @Test func groupsOfOneRowHaveNone() {
    let x = Matrix(rowsOf: [[0, 0], [0, 1], [5, 5], [5, 6], [20, 20]])
    let found = DensityValidity(of: x, partition([0, 0, 1, 1, 2]), workers: pool)
    #expect(found.groups.map { $0 == nil } == [false, false, true])
    // Two rows a group: sparseness 1, the gap is that of the first rows, which stand for their groups.
    let gap = 50.0.squareRoot()
    #expect(abs(found.groups[0]! - (gap - 1) / gap) < Self.tolerance)
    #expect(abs(found.score! - 4.0 / 5 * (gap - 1) / gap) < Self.tolerance)
    let alone = DensityValidity(of: x, partition([0, 0, nil, nil, 1]), workers: pool)
    #expect(alone.score == nil && alone.groups == [nil, nil])
    #expect(DensityValidity(of: x, partition([nil, nil, nil, nil, nil]), workers: pool).score == nil)
  }

  @Test func coincidentGroupsHaveNoInside() {
    let x = Matrix(rowsOf: [[1, 1], [1, 1], [1, 1], [4, 5], [4, 5]])
    let found = DensityValidity(of: x, partition([0, 0, 0, 1, 1]), workers: pool)
    #expect(found.groups == [1, 1] && found.score == 1)
    let equal = Matrix(rows: 5, columns: 2, repeating: 3)
    #expect(DensityValidity(of: equal, partition([0, 0, 0, 1, 1]), workers: pool).groups == [0, 0])
  }

  /// Where the plain formula underflows, ours must not.
  @Test func holdsInManyDimensions() {
    let planted = Planted.blobs(rows: 120, columns: 400, groups: 3, spread: 0.5, seed: 10)
    let partition = partition(planted.truth.map { $0 })
    let score = DensityValidity(of: planted.points, partition, workers: pool).score!
    #expect(score > 0.5 && score <= 1)
    #expect(abs(score - NaiveDensityValidity(planted.points, partition).score!) < Self.tolerance)
    let scaled = Matrix(rows: 120, columns: 400, storage: planted.points.storage.map { $0 * 0x1p-60 })
    #expect(abs(score - DensityValidity(of: scaled, partition, workers: pool).score!) < Self.tolerance)
  }
}
