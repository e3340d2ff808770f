import Clustering
import Testing

struct PartitionTests {
  @Test func groupsAreNumberedBySizeThenByLowestRow() {
    let raw: [Int?] = [7, nil, 2, 2, 7, 9, 9, 9, nil, 4]
    let partition = Partition(rawLabels: raw, strengths: [Float](repeating: 1, count: raw.count))
    #expect(partition.labels == [1, nil, 2, 2, 1, 0, 0, 0, nil, 3])
    #expect(partition.rawLabels == raw)
    #expect(partition.rawNumbers == [9, 7, 2, 4])
    #expect(partition.sizes == [3, 2, 2, 1])
    #expect(partition.members == [[5, 6, 7], [0, 4], [2, 3], [9]])
    #expect(partition.noise == [1, 8] && partition.noiseCount == 2)
  }

  @Test func nothingAndOnlyNoise() {
    #expect(Partition(rawLabels: [], strengths: []).groupCount == 0)
    let noise = Partition(rawLabels: [nil, nil], strengths: [0, 0])
    #expect(noise.groupCount == 0 && noise.noiseCount == 2)
  }
}
