import Clustering
import Insight
import Tensors
import Testing

/// How many groups there are, in words.
struct CountSentenceTests {
  private let pool = WorkerPool(threads: 2)

  /// `groups` clouds of deviation 1 in the plane, ten apart along a line.
  private func said(groups: Int, rows: Int) throws -> CountSentence {
    var generator = Seed(11).generator()
    let storage = (0..<rows).flatMap { row in
      [Float(generator.normal() + 10 * Double(row % groups)), Float(generator.normal())]
    }
    return CountSentence(
      try ClusterCount(
        of: Matrix(rows: rows, columns: 2, storage: storage), upTo: 6, seed: Seed(3), workers: pool))
  }

  @Test func groupsAreCounted() throws {
    let said = try said(groups: 3, rows: 180)
    #expect(said.estimate == 3 && said.least...said.most ~= 3 && !said.isWithoutStructure)
    #expect(said.sentence.hasPrefix("The images show groups: 3 fit best, "))
    #expect(said.sentence.contains("All of them stand apart."))
  }

  /// The page opens with it, too: no word of a group that stands up.
  @Test func oneCloudHasNoStructure() throws {
    let said = try said(groups: 1, rows: 200)
    #expect(said.isWithoutStructure && said.estimate == 1)
    #expect(said.sentence.hasPrefix("No structure: ") && said.sentence.hasSuffix("so all images are one group."))
    let partition = Partition(rawLabels: [Int?](repeating: 0, count: 200), strengths: [Float](repeating: 1, count: 200))
    let summary = PartitionSummary(of: partition, points: Matrix(rows: 200, columns: 1))
    #expect(Verdict(of: summary, count: said).sentence == said.sentence)
    #expect(Verdict(of: summary).sentence != said.sentence)
  }

  @Test func aHandfulSaysLittle() throws {
    let said = try said(groups: 2, rows: 6)
    #expect(said.verdict == "cannotTell" && said.sentence.hasPrefix("It can’t be told whether "))
    #expect(said.sentence.contains("6 images are few: only gross structure could show."))
  }
}
