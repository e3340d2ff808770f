import Clustering
import Testing

struct CondensedTreeTests {
  /// Two chains of four on a line, a gap of 10 between them, and a straggler: worked out by hand.
  @Test func twoChainsAndAStraggler() {
    // Points 0…3 at spacing 1, 4…7 at spacing 2, 8 far away.
    let edges = [(0, 1, 1.0), (1, 2, 1), (2, 3, 1), (4, 5, 2), (5, 6, 2), (6, 7, 2), (3, 4, 10), (7, 8, 20)].map {
      SpanningTree.Edge($0.0, $0.1, weight: $0.2, distance: $0.2)
    }
    let linkage = SingleLinkage(SpanningTree(pointCount: 9, edges: edges))
    #expect(linkage.merges.map(\.size) == [2, 3, 4, 2, 3, 4, 8, 9])
    let tree = CondensedTree(linkage, minimumClusterSize: 3)
    #expect(tree.clusterCount == 3 && tree.root == 9)
    #expect(
      tree.rows[0].parent == 9 && tree.rows[0].child == 8 && tree.rows[0].lambda == 0.05 && tree.rows[0].size == 1)
    #expect(tree.births == [0, 0.1, 0.1])
    #expect(tree.deaths == [0.1, 1, 0.5])
    #expect(tree.sizes == [9, 4, 4])
    let expected: [Double] = [0.05 + 0.8, 3.6, 1.6]
    for (found, wanted) in zip(tree.stabilities, expected) { #expect(abs(found - wanted) < 1e-12) }
    #expect(tree.outlierScores == [0, 0, 0, 0, 0, 0, 0, 0, 0.95])

    let selection = ClusterSelection(tree, method: .eom)
    #expect(selection.clusters == [10, 11])
    #expect(selection.labels == [0, 0, 0, 0, 1, 1, 1, 1, nil])
    #expect(selection.probabilities == [1, 1, 1, 1, 1, 1, 1, 1, 0])
    // Both are born at distance 10: an epsilon of 11 asks for their parent, which is the root, and the root is not allowed.
    #expect(ClusterSelection(tree, method: .eom, epsilon: 11).clusters == [10, 11])
    #expect(ClusterSelection(tree, method: .leaf, epsilon: 11, allowSingleCluster: true).clusters == [9])
    #expect(ClusterSelection(tree, method: .eom, maxClusterSize: 3).clusters.isEmpty)
  }
}
