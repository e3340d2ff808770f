import Clustering
import Insight
import Records
import Tensors
import Testing

/// What is said of a result, and what is suggested.
struct NextStepTests {
  private let clear = PlantedBlobs(centres: [[0, 0], [40, 0], [0, 40]], sizes: [50, 40, 30])

  private func summary(_ blobs: PlantedBlobs, stability: Bool = true) throws -> PartitionSummary {
    let workers = WorkerPool(threads: 1)
    return PartitionSummary(
      of: blobs.partition, points: blobs.points,
      silhouette: Silhouette(of: blobs.points, blobs.partition, seed: Seed(1), workers: workers),
      stability: stability
        ? try Stability(
          of: KMeans(nClusters: 3), on: blobs.points, reference: blobs.partition, rounds: 2, seed: Seed(1),
          workers: workers)
        : nil)
  }

  @Test func aClearSortIsSaidToStandUp() throws {
    let summary = try summary(clear)
    #expect(
      Verdict(of: summary, agreement: ("hdbscan", 0.93)).sentence
        == "120 images fall into 3 groups, and all of them stand up. A second method, hdbscan, sorts them almost the same way (ARI 0.93)."
    )
    let steps = NextStep.suggestions(for: summary, profiles: [])
    #expect(steps.map(\.title) == ["Name 3 medoids first"])
    #expect(steps[0].groups == [0, 1, 2])
  }

  @Test func noStructureIsSaidPlainly() throws {
    let overlapping = PlantedBlobs(centres: [[0, 0], [0, 0], [0, 0]], sizes: [50, 40, 30])
    #expect(Verdict(of: try summary(overlapping)).sentence.contains("none of them can be relied on"))
    let noise = PartitionSummary(of: Partition([nil, nil, nil]), points: Matrix(rows: 3, columns: 1))
    #expect(Verdict(of: noise).sentence.hasPrefix("No groups were found in 3 images"))
    #expect(NextStep.suggestions(for: noise, profiles: []).map(\.title) == ["Loosen the settings"])
  }

  @Test func everyTroubleHasItsSuggestion() throws {
    let blobs = PlantedBlobs(centres: [[0, 0], [0.5, 0], [60, 0]], sizes: [50, 40, 30], noise: 60)
    let suggestions = NextStep.suggestions(
      for: try summary(blobs, stability: false), profiles: [], copies: 1, rejected: 12)
    #expect(
      suggestions.map(\.title) == [
        "Read why 12 files were refused", "Set aside 1 exact copy", "Name 3 medoids first", "Look at the odd members",
        "Consider merging 0 with 1", "Look at the noise", "Measure stability",
      ])
  }

  @Test func theOtherClusteringSplits() throws {
    let one = PlantedBlobs(centres: [[0, 0], [40, 0]], sizes: [60, 30])
    let parted = Partition(one.partition.labels.enumerated().map { row, label in label == 0 ? row % 2 : 2 })
    let summary = PartitionSummary(of: one.partition, points: one.points)
    let agreement = Agreement(of: one.partition, and: parted)
    let suggestions = NextStep.suggestions(for: summary, profiles: [], agreement: ("k-means", agreement))
    #expect(suggestions.contains { $0.title == "Consider splitting group 0" && $0.groups == [0] })
  }
}
