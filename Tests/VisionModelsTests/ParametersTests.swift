import TestSupport
import Testing
import VisionModels

struct ParametersTests {
  @Test func tensorsBeginOnCacheLinesAndNeverOverlap() {
    var layout = ParameterLayout()
    var end = 0
    for size in 0...40 {
      let range = layout.append("t\(size)", [size])
      #expect(range.lowerBound % 16 == 0 && range.lowerBound >= end && range.count == size)
      end = range.upperBound
    }
    #expect(layout.count >= end && layout.count % 16 == 0)
    #expect(layout.entry("t7")?.shape == [7])
    #expect(layout.entry("t41") == nil)
  }

  @Test func buffersCopyAndGapsStayZero() {
    var layout = ParameterLayout()
    layout.append("a", [3])
    layout.append("b", [2, 2])
    let buffer = ParameterBuffer(layout)
    buffer.fill(2)
    buffer.set("b", [1, 2, 3, 4])
    let copy = buffer.copy()
    buffer.fill(0)
    #expect(copy.values("a") == [2, 2, 2])
    #expect(copy.values("b") == [1, 2, 3, 4])
    #expect((3..<16).allSatisfy { copy.pointer[$0] == 0 })
    #expect(Int(bitPattern: copy.pointer) % 64 == 0)
  }

  /// A backbone may stand behind other tensors: only its offsets move.
  @Test func aBackboneCanBeAppended() {
    let configuration = VisionTransformer.Configuration(imageSize: 8, patchSize: 4, width: 16, depth: 1, heads: 2)
    var layout = ParameterLayout()
    layout.append("first", [5])
    let model = VisionTransformer(configuration, appendingTo: &layout)
    layout.append("last", [7])
    let alone = VisionTransformer(configuration)
    #expect(model.entries.map(\.path) == alone.layout.entries.map(\.path))
    #expect(model.entries.map { $0.range.lowerBound - 16 } == alone.layout.entries.map(\.range.lowerBound))
    #expect(layout.entries.map(\.path).last == "last")
  }
}
