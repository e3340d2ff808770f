import Foundation
import Kernels
import Tensors
import TestSupport
import Testing

/// Sums, branches, rotations, conversions and patches against the plainest loops.
struct RowsTests {
  private let tolerance = 1e-6
  private let sizes = Array(0...70) + [127, 128, 192, 193]
  private let types = [Int32(number_f32), Int32(number_bf16)]

  private func rounding(_ type: Int32) -> Double { type == Int32(number_bf16) ? 4e-3 : tolerance }

  @Test func columnSums() {
    var generator = Seed(1).generator()
    withEvery("type", in: types) { type in
      withEvery("count", in: sizes) { count in
        let (rows, stride) = (19, count + 3)
        let x = Operand(rows * stride, type, &generator)
        var sums = [Float](repeating: 1, count: count + 1)
        column_sums(&sums, x.pointer, type, rows, count, stride)
        let wanted = (0..<count).map { c in (0..<rows).reduce(1) { $0 + Double(x.values[$1 * stride + c]) } }
        #expect(normalizedError(sums.dropLast().map(Double.init), wanted) < tolerance)
        #expect(sums[count] == 1)
      }
    }
  }

  /// With and without each factor.
  @Test func branchesBackward() {
    var generator = Seed(2).generator()
    withEvery("type", in: types) { type in
      withEvery("width", in: sizes.filter { $0 > 0 }) { width in
        let rows = 4
        let (dy, branch) = (Operand(rows * width, 0, &generator).values, Operand(rows * width, type, &generator))
        let (columns, rowFactors) = (Operand(width, 0, &generator).values, [Float(1), 0, 1.25, -2])
        for (hasColumns, hasRows) in [(false, false), (true, false), (false, true), (true, true)] {
          let out = Operand(rows * width + 1, type, &generator)
          var dFactor = [Float](repeating: 0.5, count: width)
          columns.withUnsafeBufferPointer { columns in
            rowFactors.withUnsafeBufferPointer { rowFactors in
              dFactor.withUnsafeMutableBufferPointer { dFactor in
                branch_backward(
                  out.pointer, type, hasColumns ? dFactor.baseAddress : nil, dy, hasColumns ? branch.pointer : nil,
                  hasColumns ? columns.baseAddress : nil, hasRows ? rowFactors.baseAddress : nil, rows, width)
              }
            }
          }
          var (wanted, wantedFactor) = ([Double](), [Double](repeating: 0.5, count: width))
          for i in 0..<rows * width {
            let d = Double(dy[i]) * (hasRows ? Double(rowFactors[i / width]) : 1)
            wanted.append(d * (hasColumns ? Double(columns[i % width]) : 1))
            if hasColumns { wantedFactor[i % width] += d * Double(branch.values[i]) }
          }
          let found = out.read(as: type)
          #expect(normalizedError(found.dropLast().map(Double.init), wanted) < rounding(type))
          #expect(found.last == out.values.last)
          #expect(normalizedError(dFactor.map(Double.init), wantedFactor) < 2 * tolerance)
        }
      }
    }
  }

  /// By the turn's definition, and back again; what lies behind the heads stays.
  @Test func rotation() {
    var generator = Seed(3).generator()
    withEvery("type", in: types) { type in
      withEvery("headWidth", in: [2, 4, 8, 12, 16, 20, 32, 36, 48, 64, 68, 80, 128]) { headWidth in
        let (rows, heads) = (5, 3)
        let (stride, half) = (heads * headWidth + 6, headWidth / 2)
        let angles = (0..<rows * half).map { _ in generator.uniform(-7...7) }
        let x = Operand(rows * stride, type, &generator)
        rotate(
          x.pointer, type, stride, angles.map { Float(cos($0)) }, angles.map { Float(sin($0)) }, 0, rows, heads,
          headWidth)
        var wanted = x.values.map(Double.init)
        for row in 0..<rows {
          for head in 0..<heads {
            for i in 0..<half {
              let (place, angle) = (row * stride + head * headWidth + i, angles[row * half + i])
              let (a, b) = (Double(x.values[place]), Double(x.values[place + half]))
              wanted[place] = a * cos(angle) - b * sin(angle)
              wanted[place + half] = b * cos(angle) + a * sin(angle)
            }
          }
        }
        let turned = x.read(as: type)
        #expect(normalizedError(turned.map(Double.init), wanted) < rounding(type))
        for i in turned.indices where i % stride >= heads * headWidth { #expect(turned[i] == x.values[i]) }
        rotate(
          x.pointer, type, stride, angles.map { Float(cos($0)) }, angles.map { Float(sin($0)) }, 1, rows, heads,
          headWidth)
        #expect(normalizedError(x.read(as: type), x.values) < 2 * rounding(type))
      }
    }
  }

  /// Any bits: what is kept of them is the nearest, ties to even; and back without loss.
  @Test func conversions() {
    var generator = Seed(4).generator()
    let x = (0..<100_000).map { _ in Float(bitPattern: UInt32(generator.integer(below: 1 << 32))) }
      .filter { $0.isNormal && abs($0) < 1e38 }
    var (halves, back) = ([UInt16](repeating: 0, count: x.count), [Float](repeating: 0, count: x.count))
    convert(&halves, types[1], x, x.count)
    let wanted = x.map { UInt16(truncatingIfNeeded: ($0.bitPattern &+ 0x7fff &+ ($0.bitPattern >> 16 & 1)) >> 16) }
    #expect(halves == wanted)
    widen(&back, halves, types[1], x.count)
    #expect(back == wanted.map { Float(bitPattern: UInt32($0) << 16) })
    withEvery("count", in: sizes) { count in
      for type in types {
        let target = Operand(count + 1, type, &generator)
        convert(target.pointer, type, x, count)
        let kept = target.read(as: type)
        #expect(Array(kept[..<count]) == (type == 0 ? Array(x[..<count]) : Array(back[..<count])))
        #expect(kept[count] == target.values[count])
        var wide = [Float](repeating: 9, count: count + 1)
        widen(&wide, target.pointer, type, count)
        #expect(wide[..<count] == kept[..<count] && wide[count] == 9)
      }
    }
  }

  @Test func scaledSums() {
    var generator = Seed(5).generator()
    withEvery("count", in: sizes) { count in
      let (x, old) = (Operand(count, 0, &generator).values, Operand(count, 0, &generator).values)
      var y = old
      axpby(&y, x, count, 2, -0.5)
      for i in 0..<count { #expect(abs(y[i] - (2 * x[i] - 0.5 * old[i])) <= 1e-6) }
      var fresh = [Float](repeating: .nan, count: count)
      axpby(&fresh, x, count, 3, 0)
      for i in 0..<count { #expect(fresh[i] == 3 * x[i]) }
    }
  }

  private static let pictures = [(1, 1, 1), (3, 2, 4), (3, 3, 5), (2, 4, 16), (1, 5, 3), (3, 4, 14)]

  /// Of a part of the patches, into rows farther apart than they are long.
  @Test func patchesAreCutRowByRow() {
    withEvery("type", in: types) { type in
      for (channels, grid, patch) in Self.pictures {
        let (side, count) = (grid * patch, channels * patch * patch)
        // Exact in bf16.
        let image = (0..<channels * side * side).map { Float($0 * 7 % 256) }
        for stride in [count, count + 3] {
          for part in [0..<grid * grid, 0..<0, grid..<grid * grid, grid * grid - 1..<grid * grid] {
            var generator = Seed(6).generator()
            let rows = Operand(max(1, part.count) * stride + 1, type, &generator)
            gather_patches(
              rows.pointer, type, stride, image, channels, side, patch, part.lowerBound, part.upperBound)
            let found = rows.read(as: type)
            for i in found.indices {
              let (row, column) = (i / stride, i % stride)
              if row >= part.count { #expect(found[i] == rows.values[i]) }
              // What fills up a row may be written, as nothing or with what is finite.
              if row >= part.count || column >= count { continue }
              let (place, channel) = (part.lowerBound + row, column / (patch * patch))
              let (y, x) = (column / patch % patch, column % patch)
              let line = channel * side + place / grid * patch + y
              #expect(found[i] == image[line * side + place % grid * patch + x])
            }
          }
        }
      }
    }
  }

  /// Adding back is the adjoint of cutting: ⟨gather(x), y⟩ = ⟨x, scatter(y)⟩, and adds to what is there.
  @Test func patchesAreAddedBack() {
    var generator = Seed(7).generator()
    for (channels, grid, patch) in Self.pictures {
      let (side, count) = (grid * patch, channels * patch * patch)
      let stride = count + 2
      let image = Operand(channels * side * side, 0, &generator).values
      let y = Operand(grid * grid * stride, 0, &generator).values
      var rows = [Float](repeating: 0, count: grid * grid * stride)
      gather_patches(&rows, types[0], stride, image, channels, side, patch, 0, grid * grid)
      var sum = [Float](repeating: 1, count: image.count)
      scatter_patches(&sum, y, stride, channels, side, patch)
      let left = rows.indices.reduce(0.0) { $1 % stride < count ? $0 + Double(rows[$1]) * Double(y[$1]) : $0 }
      let right = image.indices.reduce(0.0) { $0 + Double(image[$1]) * (Double(sum[$1]) - 1) }
      #expect(abs(left - right) < 1e-5 * Double(image.count).squareRoot())
    }
  }
}
