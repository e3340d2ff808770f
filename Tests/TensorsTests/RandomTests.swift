import Tensors
import TestSupport
import Testing

struct RandomTests {
  @Test func splittingIsStableAndIndependent() {
    #expect(Seed(7).split("dino") == Seed(7).split("dino"))
    let all = [Seed(7).split("dino"), Seed(7).split("pca"), Seed(8).split("dino"), Seed(7).split(0), Seed(7).split(1)]
    #expect(Set(all).count == all.count)
  }

  @Test func momentsLieInTheirBands() {
    var generator = Seed(1).generator()
    let n = 200_000
    let normals = (0..<n).map { _ in generator.normal() }
    let mean = normals.reduce(0, +) / Double(n)
    let variance = normals.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
    #expect(abs(mean) < 0.01)
    #expect(abs(variance - 1) < 0.02)
    let uniforms = (0..<n).map { _ in generator.uniform() }
    #expect(abs(uniforms.reduce(0, +) / Double(n) - 0.5) < 0.005)
    #expect(uniforms.allSatisfy { $0 >= 0 && $0 < 1 })
  }

  @Test func shufflesArePermutations() {
    withEvery("count", in: 0...12) { count in
      var values = Array(0..<count)
      var generator = Seed(UInt64(count)).generator()
      generator.shuffle(&values)
      #expect(values.sorted() == Array(0..<count))
    }
  }

  /// The stream is a promise: these numbers come from a second implementation, written in Python from the papers.
  @Test func theStreamNeverChanges() {
    var generator = Seed(7).generator()
    #expect(
      (0..<4).map { _ in generator.next() } == [
        0xe31a50a219a11335, 0x9bdde32a4e7792c2, 0x3f981c5573a71280, 0x2d46655739ca32fc,
      ])
  }
}
