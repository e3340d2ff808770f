import SelfSupervision
import Tensors
import Testing

struct BlockMaskingTests {
  @Test func ratiosAndProbabilityAreKept() {
    for grid in [4, 8, 14] {
      let masking = BlockMasking(grid: grid, probability: 0.5, ratio: 0.1...0.5)
      var shares: [Double] = []
      var whole = 0
      for seed in 0..<2000 {
        var generator = Seed(5).split(seed).generator()
        let hidden = masking.draw(&generator)
        #expect(hidden == Array(Set(hidden)).sorted() && hidden.allSatisfy { (0..<grid * grid).contains($0) })
        #expect(hidden.count <= masking.most)
        if hidden.isEmpty { whole += 1 } else { shares.append(Double(hidden.count) / Double(grid * grid)) }
      }
      #expect((900...1100).contains(whole), "\(whole) of 2000 crops are whole")
      let mean = shares.reduce(0, +) / Double(shares.count)
      #expect((0.24...0.32).contains(mean), "grid \(grid): a mean of \(mean)")
    }
  }

  /// Rectangles: a hidden patch has hidden neighbours far more often than scattered ones would.
  @Test func whatIsHiddenHangsTogether() {
    let masking = BlockMasking(grid: 14, probability: 1, ratio: 0.3...0.3)
    var (neighbours, pairs) = (0, 0)
    for seed in 0..<100 {
      var generator = Seed(6).split(seed).generator()
      let hidden = Set(masking.draw(&generator))
      for patch in hidden where patch % 14 < 13 {
        pairs += 1
        if hidden.contains(patch + 1) { neighbours += 1 }
      }
    }
    #expect(Double(neighbours) / Double(pairs) > 0.6)
  }

  @Test func nothingIsHiddenAtProbabilityZeroAndOneDrawIsAnothersEqual() {
    let never = BlockMasking(grid: 8, probability: 0, ratio: 0.1...0.5)
    let always = BlockMasking(grid: 8, probability: 1, ratio: 0.1...0.5)
    for seed in 0..<50 {
      var (first, second, third) = (
        Seed(7).split(seed).generator(), Seed(7).split(seed).generator(), Seed(8).generator()
      )
      #expect(never.draw(&third).isEmpty)
      let hidden = always.draw(&first)
      #expect(!hidden.isEmpty && hidden == always.draw(&second))
    }
  }
}
