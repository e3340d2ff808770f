import Foundation
import Kernels
import Tensors
import TestSupport
import Testing

/// Products, packing and edges against sums in 64 bits over the operands as they are kept.
struct ProductsTests {
  /// Of an f32 sum, by the size of what is summed.
  private static let sumTolerance = 1e-6
  /// Of one rounding to bf16.
  private static let rounding = 0x1p-8

  private struct Setting {
    let rows: Int
    let columns: Int
    let depth: Int
    let type: Int32
  }

  private var settings: [Setting] {
    var generator = Seed(5).generator()
    return (0..<60).flatMap { _ -> [Setting] in
      let (rows, columns) = (Int(generator.uniform(1...75)), Int(generator.uniform(1...110)))
      let depth = Int(generator.uniform(1...90))
      return [
        Setting(rows: rows, columns: columns, depth: depth, type: 0),
        Setting(rows: rows, columns: columns, depth: (depth + 1) / 2 * 2, type: 1),
      ]
    }
  }

  /// What becomes of a sum, in 64 bits.
  private func expected(
    _ kind: product_edge_kind, _ sum: Double, base: Double, bias: Double, columnFactor: Double, rowFactor: Double,
    kept: Double
  ) -> Double {
    func gelu(_ x: Double) -> Double { 0.5 * x * erfc(-x / 2.0.squareRoot()) }
    switch kind {
    case edge_sums: return sum
    case edge_add: return base + sum
    case edge_affine: return rowFactor * sum + bias
    case edge_gelu: return gelu(sum + bias)
    case edge_residual: return base + rowFactor * columnFactor * (sum + bias)
    default: return sum * (0.5 * erfc(-kept / 2.0.squareRoot()) + kept * exp(-kept * kept / 2) / (2 * .pi).squareRoot())
    }
  }

  @Test func everyEdgeOfEverySize() {
    withEvery("setting", in: settings) { setting in
      let (m, n, k, type) = (setting.rows, setting.columns, setting.depth, setting.type)
      var generator = Seed(UInt64(m * 1000 + n * 10 + k)).generator()
      func operand(_ count: Int) -> Operand { Operand(count, type, &generator) }
      let (a, b, kept) = (operand(m * k), operand(n * k), operand(m * n))
      let base = Operand(m * n, 0, &generator).values
      let (bias, columnFactor) = (Operand(n, 0, &generator).values, Operand(n, 0, &generator).values)
      var rowFactor = Operand(m, 0, &generator).values
      rowFactor[m / 2] = 0
      var right = [UInt32](repeating: 0, count: product_right_words(k, n, type))
      product_pack_transposed(&right, type, b.pointer, type, k, k, n)
      for kind in [edge_sums, edge_add, edge_affine, edge_gelu, edge_residual, edge_gelu_slope] {
        let out = Operand(m * n, 0, &generator)
        let keptOut = Operand(m * n, type, &generator)
        if kind == edge_gelu_slope { keptOut.copy(kept) }
        base.withUnsafeBufferPointer { base in
          bias.withUnsafeBufferPointer { bias in
            columnFactor.withUnsafeBufferPointer { columnFactor in
              rowFactor.withUnsafeBufferPointer { rowFactor in
                right.withUnsafeBufferPointer { right in
                  var sides = product_sides(
                    left: a.pointer, stride: k, right: right.baseAddress, type: type, rows: m, columns: n, depth: k)
                  var edge = product_edge(
                    kind: kind, out: out.pointer, stride: n, type: type, kept: keptOut.pointer, keptStride: n,
                    base: base.baseAddress, baseStride: n, bias: bias.baseAddress,
                    columnFactor: columnFactor.baseAddress, rowFactor: rowFactor.baseAddress)
                  product(&sides, &edge)
                }
              }
            }
          }
        }
        let isKept = [edge_affine, edge_gelu, edge_gelu_slope].contains(kind)
        let found = out.read(as: isKept ? type : 0)
        var (worst, worstKept) = (0.0, 0.0)
        for row in 0..<m {
          for column in 0..<n {
            var (sum, size) = (0.0, 1.0)
            for i in 0..<k {
              let term = Double(a.values[row * k + i]) * Double(b.values[column * k + i])
              sum += term
              size += abs(term)
            }
            let place = row * n + column
            let wanted = expected(
              kind, sum, base: Double(base[place]), bias: Double(bias[column]),
              columnFactor: Double(columnFactor[column]), rowFactor: Double(rowFactor[row]),
              kept: Double(kept.values[place]))
            let factor = max(1, abs(Double(rowFactor[row])) * max(1, abs(Double(columnFactor[column]))))
            func share(_ found: Float, _ wanted: Double, _ size: Double, _ type: Int32) -> Double {
              let rounding = type == Int32(number_bf16) ? Self.rounding * abs(wanted) : 0
              return abs(Double(found) - wanted) / (Self.sumTolerance * size + rounding)
            }
            // The bf16 activations are polynomials, good to a hundredth of what rounding costs.
            let activation = type == 1 && (kind == edge_gelu || kind == edge_gelu_slope) ? 3e-4 * size : 0
            worst = max(
              worst, share(found[place], wanted, factor * size + activation / Self.sumTolerance, isKept ? type : 0))
            if kind == edge_gelu || kind == edge_residual {
              let before = sum + Double(bias[column])
              worstKept = max(worstKept, share(keptOut.read(as: type, at: place), before, size, type))
            }
          }
        }
        #expect(worst < 1, "kind \(kind.rawValue), \(setting)")
        #expect(worstKept < 1, "kept, kind \(kind.rawValue), \(setting)")
      }
    }
  }

  /// A branch with factor 0 leaves the base as it is, whatever the branch holds: an image whose branch is skipped is not spoilt by it.
  @Test func aBranchLeftOutChangesNothing() {
    withEvery("type", in: [Int32(number_f32), Int32(number_bf16)]) { type in
      var generator = Seed(12).generator()
      let (m, n, k) = (3, 37, 8)
      let (a, b) = (Operand(m * k, type, &generator), Operand(n * k, type, &generator))
      convert(a.pointer + k * (type == 1 ? 2 : 4), type, [Float](repeating: .nan, count: k), k)
      var right = [UInt32](repeating: 0, count: product_right_words(k, n, type))
      product_pack_transposed(&right, type, b.pointer, type, k, k, n)
      var stream = Operand(m * n, 0, &generator).values
      let before = stream
      let rowFactor: [Float] = [1, 0, 2]
      rowFactor.withUnsafeBufferPointer { rowFactor in
        stream.withUnsafeMutableBufferPointer { stream in
          right.withUnsafeBufferPointer { right in
            var sides = product_sides(
              left: a.pointer, stride: k, right: right.baseAddress, type: type, rows: m, columns: n, depth: k)
            var edge = product_edge()
            edge.kind = edge_residual
            edge.out = UnsafeMutableRawPointer(stream.baseAddress)
            edge.stride = n
            edge.type = type
            edge.base = UnsafePointer(stream.baseAddress)
            edge.baseStride = n
            edge.rowFactor = rowFactor.baseAddress
            product(&sides, &edge)
          }
        }
      }
      #expect(stream[n..<2 * n] == before[n..<2 * n])
      #expect(stream.allSatisfy { $0.isFinite } && stream[..<n] != before[..<n])
    }
  }

  /// Three ways to pack one matrix give one product.
  @Test func packingsAgree() {
    withEvery("setting", in: settings) { setting in
      let (m, n, k, type) = (setting.rows, setting.columns, setting.depth, setting.type)
      var generator = Seed(UInt64(m + n + k)).generator()
      let (a, b) = (Operand(m * k, type, &generator), Operand(n * k, type, &generator))
      var bTransposed = [Float](repeating: 0, count: n * k)
      for column in 0..<n { for d in 0..<k { bTransposed[d * n + column] = b.values[column * k + d] } }
      var aTransposed = [Float](repeating: 0, count: m * k)
      for row in 0..<m { for d in 0..<k { aTransposed[d * m + row] = a.values[row * k + d] } }
      let words = product_right_words(k, n, type)
      var (transposed, straight) = ([UInt32](repeating: 1, count: words), [UInt32](repeating: 2, count: words))
      product_pack_transposed(&transposed, type, b.values, 0, k, k, n)
      product_pack(&straight, type, bTransposed, 0, n, k, n)
      #expect(transposed == straight)
      var left = [UInt32](repeating: 3, count: product_left_words(k, m, type))
      product_pack_left(&left, type, aTransposed, 0, m, k, m)
      var (out, packedOut) = ([Float](repeating: 0, count: m * n), [Float](repeating: 1, count: m * n))
      multiply(a.pointer, k, straight, type, m, n, k, &out)
      left.withUnsafeBufferPointer { multiply($0.baseAddress!, 0, straight, type, m, n, k, &packedOut) }
      #expect(out == packedOut)
    }
  }

  /// A row's sums are the same bytes wherever it stands and whatever stands beside it: what makes results independent of chunks.
  @Test func aRowDoesNotKnowItsNeighbours() {
    for type in [Int32(number_f32), Int32(number_bf16)] {
      var generator = Seed(8).generator()
      let (m, n, k) = (61, 70, 64)
      let (a, b) = (Operand(m * k, type, &generator), Operand(n * k, type, &generator))
      var right = [UInt32](repeating: 0, count: product_right_words(k, n, type))
      product_pack_transposed(&right, type, b.pointer, type, k, k, n)
      var whole = [Float](repeating: 0, count: m * n)
      multiply(a.pointer, k, right, type, m, n, k, &whole)
      for (first, count) in [(0, 1), (1, 5), (17, 30), (60, 1)] {
        var part = [Float](repeating: 0, count: count * n)
        multiply(a.pointer + first * k * (type == 1 ? 2 : 4), k, right, type, count, n, k, &part)
        #expect(part == Array(whole[first * n..<(first + count) * n]))
      }
    }
  }

  private func multiply(
    _ left: UnsafeRawPointer, _ stride: Int, _ right: [UInt32], _ type: Int32, _ m: Int, _ n: Int, _ k: Int,
    _ out: inout [Float]
  ) {
    out.withUnsafeMutableBufferPointer { out in
      right.withUnsafeBufferPointer { right in
        var sides = product_sides(
          left: left, stride: stride, right: right.baseAddress, type: type, rows: m, columns: n, depth: k)
        var edge = product_edge()
        edge.kind = edge_sums
        edge.out = UnsafeMutableRawPointer(out.baseAddress)
        edge.stride = n
        product(&sides, &edge)
      }
    }
  }

  /// To the nearest, ties to even, as C's own conversion back says.
  @Test func bf16IsRoundedToTheNearest() {
    let x: [Float] = [
      1, 1 + 0x1p-8, 1 + 0x1p-8 + 0x1p-20, 1 + 0x1p-7 + 0x1p-8, -3.14159, 65504, 1e-30, .infinity, -.infinity, 0,
    ]
    var (half, back) = ([UInt16](repeating: 0, count: x.count), [Float](repeating: 0, count: x.count))
    convert(&half, Int32(number_bf16), x, x.count)
    widen(&back, half, Int32(number_bf16), x.count)
    #expect(back[0] == 1 && back[1] == 1 && back[2] == 1 + 0x1p-7 && back[3] == 1 + 0x1p-6)
    for i in 4..<x.count { #expect(back[i] == x[i] || abs(back[i] - x[i]) <= abs(x[i]) / 256) }
    var nan: [Float] = [.nan]
    convert(&half, Int32(number_bf16), nan, 1)
    widen(&nan, half, Int32(number_bf16), 1)
    #expect(nan[0].isNaN)
  }
}
