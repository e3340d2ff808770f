import Foundation
import Kernels
import Tensors
import Testing

/// One head's attention and its gradients against the textbook in 64 bits.
struct AttentionTests {
  private struct Setting: CustomTestStringConvertible {
    let tokens: Int
    let queries: Int
    let width: Int
    let type: Int32

    var testDescription: String { "\(queries) of \(tokens) tokens, width \(width), \(type == 1 ? "bf16" : "f32")" }
  }

  private static let settings: [Setting] = [1, 2, 17, 31, 32, 33, 65, 127, 197].flatMap { tokens in
    [Int32(0), 1].flatMap { type in
      [2, 8, 26, 64].flatMap { width in
        [1, tokens].map { Setting(tokens: tokens, queries: $0, width: width, type: type) }
      }
    }
  }

  @Test(arguments: settings) private func equalsTheTextbook(_ setting: Setting) {
    let (tokens, queries, width, type) = (setting.tokens, setting.queries, setting.width, setting.type)
    let bytes = type == 1 ? 2 : 4
    var generator = Seed(UInt64(tokens * 100 + width)).generator()
    let qkv = Operand(tokens * 3 * width, type, &generator)
    let dOut = Operand(queries * width, type, &generator)
    let (out, dqkv) = (Operand(queries * width, type, &generator), Operand(tokens * 3 * width, type, &generator))
    let scale = 1 / Float(width).squareRoot()
    var head = attention_head(
      q: qkv.pointer, k: qkv.pointer + width * bytes, v: qkv.pointer + 2 * width * bytes, stride: 3 * width, type: type,
      tokens: tokens, queries: queries, headWidth: width, scale: scale)
    let room = max(attention_scratch(tokens, width, type, 1), attention_scratch(tokens, width, type, 0))
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 64)
    defer { scratch.deallocate() }
    var statistics = [Float](repeating: 0, count: 2 * queries)
    attention_prepare(&head, scratch)
    // In two goes, as threads that share an image do.
    attention_forward(&head, 0, queries / 2, out.pointer, width, &statistics, scratch)
    attention_forward(&head, queries / 2, queries, out.pointer, width, &statistics, scratch)
    attention_backward(
      &head, out.pointer, dOut.pointer, width, statistics, dqkv.pointer, dqkv.pointer + width * bytes,
      dqkv.pointer + 2 * width * bytes, 3 * width, scratch)
    var weights = [Float](repeating: 0, count: queries * tokens)
    attention_weights(&head, &weights, scratch)

    func number(_ token: Int, _ part: Int, _ channel: Int) -> Double {
      Double(qkv.values[token * 3 * width + part * width + channel])
    }
    var wanted = [Double](repeating: 0, count: queries * width)
    var gradient = [Double](repeating: 0, count: tokens * 3 * width)
    var worstWeight = 0.0
    for i in 0..<queries {
      let scores = (0..<tokens).map { j in
        (0..<width).reduce(0.0) { $0 + number(i, 0, $1) * number(j, 1, $1) } * Double(scale)
      }
      let top = scores.max()!
      let total = scores.reduce(0) { $0 + exp($1 - top) }
      let p = scores.map { exp($0 - top) / total }
      for j in 0..<tokens { worstWeight = max(worstWeight, abs(p[j] - Double(weights[i * tokens + j]))) }
      for c in 0..<width { wanted[i * width + c] = (0..<tokens).reduce(0) { $0 + p[$1] * number($1, 2, c) } }
      let d = (0..<width).map { Double(dOut.values[i * width + $0]) }
      let inner = (0..<width).reduce(0) { $0 + d[$1] * wanted[i * width + $1] }
      for j in 0..<tokens {
        let dp = (0..<width).reduce(0) { $0 + d[$1] * number(j, 2, $1) }
        let ds = p[j] * (dp - inner) * Double(scale)
        for c in 0..<width {
          gradient[i * 3 * width + c] += ds * number(j, 1, c)
          gradient[j * 3 * width + width + c] += ds * number(i, 0, c)
          gradient[j * 3 * width + 2 * width + c] += p[j] * d[c]
        }
      }
    }
    let found = out.read(as: type)
    let foundGradient = dqkv.read(as: type)
    func error(_ found: [Float], _ wanted: [Double], where isAsked: (Int) -> Bool = { _ in true }) -> Double {
      let indices = wanted.indices.filter(isAsked)
      let scale = indices.reduce(1e-3) { max($0, abs(wanted[$1])) }
      return indices.reduce(0) { max($0, abs(Double(found[$1]) - wanted[$1])) } / scale
    }
    #expect(worstWeight < 1e-6)
    #expect(error(found, wanted) < (type == 1 ? 1e-2 : 2e-6))
    // Queries of tokens that did not ask get no gradient written.
    let asked = { (index: Int) in index % (3 * width) >= width || index / (3 * width) < queries }
    #expect(error(foundGradient, gradient, where: asked) < (type == 1 ? 2e-2 : 1e-5))
  }

  /// Scores of a thousand would overflow without the shift by the largest.
  @Test func largeScoresAreSafe() {
    let qkv: [Float] = [300, 300, 1, 300, -300, 2]
    var out: [Float] = [0, 0]
    qkv.withUnsafeBufferPointer { qkv in
      let start = qkv.baseAddress!
      var head = attention_head(
        q: start, k: start + 1, v: start + 2, stride: 3, type: 0, tokens: 2, queries: 2, headWidth: 1, scale: 1)
      let scratch = UnsafeMutableRawPointer.allocate(byteCount: attention_scratch(2, 1, 0, 0), alignment: 64)
      attention_prepare(&head, scratch)
      attention_forward(&head, 0, 2, &out, 1, nil, scratch)
      scratch.deallocate()
    }
    #expect(out == [1, 1])
  }
}
