import Kernels

/// Separable resampling with an antialiased triangle filter: first down the columns, then along the rows.
///
/// Output position x looks at source position `c = left + (x + ½) · s`, `s` the reduction, and averages the source pixels within
/// `max(s, 1)` of it with weights falling linearly to 0, normalised. Equal to Pillow's `resize(…, BILINEAR, box)` on floats.
///
/// A source row is added to the few output rows that it counts for and forgotten: no plane of floats of the source's size is made. Equal bytes on
/// every machine (`picture_rows.h`).
enum Resampling {
  /// A rectangle of the source in pixels; edges may lie between them.
  struct Box {
    var top, left, bottom, right: Double
  }

  /// The `toHeight` × `width` picture of `box` of one plane. - Complexity: O(source pixels of the box).
  ///
  /// - Parameter row: writes the `width` values of a row of the source; asked once for each row that counts, from the top.
  /// - Precondition: the box lies inside and is not empty.
  static func resize(
    height: Int, width: Int, box: Box, toHeight: Int, width toWidth: Int,
    row: (_ y: Int, _ target: UnsafeMutablePointer<Float>) -> Void
  ) -> [Float] {
    resize(
      height: height, width: width, channels: 1, isInterleaved: false, box: box, toHeight: toHeight, width: toWidth,
      row: row)
  }

  /// The same of `channels` planes: [channels, toHeight, width].
  ///
  /// - Parameters:
  ///   - isInterleaved: whether a row has the channels of a pixel together, or one channel after the other. Only three can be together.
  ///   - row: writes the `channels * width` values of a row.
  static func resize(
    height: Int, width: Int, channels: Int, isInterleaved: Bool, box: Box, toHeight: Int, width toWidth: Int,
    row: (_ y: Int, _ target: UnsafeMutablePointer<Float>) -> Void
  ) -> [Float] {
    precondition(!isInterleaved || channels == 3, "\(channels) channels together")
    let across = Taps(from: box.left, to: box.right, limit: width, outputs: toWidth)
    let down = Taps(from: box.top, to: box.bottom, limit: height, outputs: toHeight)
    let line = channels * width
    // One plane's row, and room for the zero weights that fill up a group of taps.
    let padded = width + across.stride
    let sumLength = channels == 1 ? padded : line
    var source = [Float](repeating: 0, count: line)
    var sums = [Float](repeating: 0, count: down.mostAtOnce * sumLength)
    var planes = [Float](repeating: 0, count: channels == 1 ? 0 : channels * padded)
    var result = [Float](repeating: 0, count: channels * toHeight * toWidth)
    result.withUnsafeMutableBufferPointer { result in
      source.withUnsafeMutableBufferPointer { source in
        sums.withUnsafeMutableBufferPointer { sums in
          planes.withUnsafeMutableBufferPointer { planes in
            /// The running sum of an output row.
            func sum(_ y: Int) -> UnsafeMutablePointer<Float> {
              sums.baseAddress! + (y % down.mostAtOnce) * sumLength
            }
            /// Shrinks a finished row along its width.
            func finish(_ y: Int) {
              var start = sum(y)
              if channels > 1 {
                let target = planes.baseAddress!
                if isInterleaved {
                  picture_part(start, width, target, target + padded, target + 2 * padded)
                } else {
                  for channel in 0..<channels {
                    (target + channel * padded).update(from: start + channel * width, count: width)
                  }
                }
                start = target
              }
              for channel in 0..<channels {
                picture_gather_row(
                  start + channel * padded, across.starts, across.weights, across.stride, toWidth,
                  result.baseAddress! + (channel * toHeight + y) * toWidth)
              }
            }
            // Output rows from `first` up to `next` want more source rows.
            var (first, next) = (0, 0)
            for y in down.start(0)..<down.end(toHeight - 1) {
              row(y, source.baseAddress!)
              while next < toHeight && down.start(next) <= y {
                sum(next).update(repeating: 0, count: line)
                next += 1
              }
              for output in stride(from: first, to: next, by: 2) {
                let hasSecond = output + 1 < next
                picture_add_row(
                  source.baseAddress!, line, sum(output), down.weight(output, y), hasSecond ? sum(output + 1) : nil,
                  hasSecond ? down.weight(output + 1, y) : 0)
              }
              while first < next && down.end(first) == y + 1 {
                finish(first)
                first += 1
              }
            }
          }
        }
      }
    }
    return result
  }

  /// For each output: the first source pixel, how many follow, and their weights, `stride` apart and zero beyond the last.
  private struct Taps {
    private(set) var starts: [Int32] = []
    private(set) var counts: [Int] = []
    private(set) var weights: [Float]
    let stride: Int
    /// Most outputs that one source pixel counts for.
    private(set) var mostAtOnce = 0

    init(from low: Double, to high: Double, limit: Int, outputs: Int) {
      let scale = (high - low) / Double(outputs)
      let reach = max(scale, 1)
      stride = (Int(reach.rounded(.up)) * 2 + 1 + 7) / 8 * 8
      weights = [Float](repeating: 0, count: outputs * stride)
      for x in 0..<outputs {
        let centre = low + (Double(x) + 0.5) * scale
        let start = max(0, Int(centre - reach + 0.5))
        let count = min(limit, Int(centre + reach + 0.5)) - start
        func raw(_ k: Int) -> Double { max(0, 1 - abs((Double(start + k) - centre + 0.5) / reach)) }
        let total = (0..<count).reduce(0) { $0 + raw($1) }
        for k in 0..<count { weights[x * stride + k] = Float(raw(k) / total) }
        starts.append(Int32(start))
        counts.append(count)
      }
      var first = 0
      for x in 0..<outputs {
        while end(first) <= start(x) { first += 1 }
        mostAtOnce = max(mostAtOnce, x - first + 1)
      }
    }

    func start(_ output: Int) -> Int { Int(starts[output]) }
    func end(_ output: Int) -> Int { Int(starts[output]) + counts[output] }
    func weight(_ output: Int, _ source: Int) -> Float { weights[output * stride + source - start(output)] }
  }
}
