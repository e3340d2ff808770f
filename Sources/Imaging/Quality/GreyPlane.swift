/// A picture as one plane of mean grey, 0…1: what flags are judged by.
struct GreyPlane {
  var width: Int
  var height: Int
  var values: [Float]

  /// - Precondition: there are `width * height` values.
  init(width: Int, height: Int, values: [Float]) {
    precondition(values.count == width * height, "\(values.count) values for \(width) × \(height)")
    self.width = width
    self.height = height
    self.values = values
  }

  /// The least whole factor by which neither side is longer than `limit`.
  static func factor(_ width: Int, _ height: Int, _ limit: Int) -> Int {
    max(1, (max(width, height) + limit - 1) / limit)
  }

  /// Means of blocks; what is left over at the right and below is left out. A side may become 0.
  func reduced(toAtMost limit: Int) -> GreyPlane {
    let factor = GreyPlane.factor(width, height, limit)
    if factor == 1 { return self }
    let (columns, rows) = (width / factor, height / factor)
    var sums = [Float](repeating: 0, count: columns * rows)
    values.withUnsafeBufferPointer { values in
      sums.withUnsafeMutableBufferPointer { sums in
        for y in 0..<rows * factor {
          let line = values.baseAddress! + y * width
          let target = sums.baseAddress! + y / factor * columns
          for x in 0..<columns { for k in 0..<factor { target[x] += line[x * factor + k] } }
        }
        let scale = 1 / Float(factor * factor)
        for i in sums.indices { sums[i] *= scale }
      }
    }
    return GreyPlane(width: columns, height: rows, values: sums)
  }

  /// Twice as wide and high, by linear interpolation between the centres of pixels.
  func doubled() -> GreyPlane {
    func twice(
      _ line: UnsafePointer<Float>, _ count: Int, _ step: Int, _ target: UnsafeMutablePointer<Float>, _ gap: Int
    ) {
      for i in 0..<count {
        let here = line[i * step]
        target[2 * i * gap] = 0.75 * here + 0.25 * line[max(i - 1, 0) * step]
        target[(2 * i + 1) * gap] = 0.75 * here + 0.25 * line[min(i + 1, count - 1) * step]
      }
    }
    var wide = [Float](repeating: 0, count: 2 * width * height)
    var result = [Float](repeating: 0, count: 4 * width * height)
    values.withUnsafeBufferPointer { values in
      wide.withUnsafeMutableBufferPointer { wide in
        result.withUnsafeMutableBufferPointer { result in
          for y in 0..<height {
            twice(values.baseAddress! + y * width, width, 1, wide.baseAddress! + 2 * y * width, 1)
          }
          for x in 0..<2 * width {
            twice(wide.baseAddress! + x, height, 2 * width, result.baseAddress! + x, 2 * width)
          }
        }
      }
    }
    return GreyPlane(width: 2 * width, height: 2 * height, values: result)
  }

  /// The value of which `fraction` of all are less, by nearest rank. - Complexity: O(n) on average.
  func percentile(_ fraction: Double) -> Float {
    if values.isEmpty { return 0 }
    return GreyPlane.value(ofRank: Int((fraction * Double(values.count - 1)).rounded()), in: values)
  }

  /// Quickselect (Hoare 1961) on a copy. - Precondition: the rank is one of the values', none of which is no number.
  private static func value(ofRank rank: Int, in values: [Float]) -> Float {
    var values = values
    return values.withUnsafeMutableBufferPointer { values in
      var (low, high) = (0, values.count - 1)
      while low < high {
        let (a, b, c) = (values[low], values[(low + high) / 2], values[high])
        let pivot = max(min(a, b), min(max(a, b), c))
        var (i, j) = (low, high)
        while i <= j {
          while values[i] < pivot { i += 1 }
          while values[j] > pivot { j -= 1 }
          if i > j { break }
          values.swapAt(i, j)
          i += 1
          j -= 1
        }
        if rank <= j { high = j } else if rank >= i { low = i } else { return values[rank] }
      }
      return values[rank]
    }
  }

  /// The distance of the 1st and 99th percentiles.
  func spread() -> Double {
    if values.isEmpty { return 0 }
    let sorted = values.sorted()
    func rank(_ fraction: Double) -> Int { Int((fraction * Double(sorted.count - 1)).rounded()) }
    return Double(sorted[rank(0.99)] - sorted[rank(0.01)])
  }
}

/// How often each shade occurs in a full-size picture.
struct ShadeCensus {
  static let bins = 4096
  /// Of mean grey.
  private(set) var greys = [Int](repeating: 0, count: bins)
  /// The share of the samples that are within 1.5 steps of 8 bits of their channel's greatest value.
  private(set) var shareOfBrightest = 0.0

  /// The census, and the picture reduced by a whole factor: one pass over the rows.
  static func take(_ picture: Picture, reducedTo limit: Int) -> (ShadeCensus, GreyPlane) {
    let (width, height, channels) = (picture.width, picture.height, picture.channels)
    let factor = GreyPlane.factor(width, height, limit)
    let (columns, rows) = (width / factor, height / factor)
    var census = ShadeCensus()
    var plane = [Float](repeating: 0, count: columns * rows)
    var samples = [[Int]](repeating: [Int](repeating: 0, count: bins), count: channels)
    var shades = [Float](repeating: 0, count: width)
    var greys = shades
    for row in 0..<height {
      for channel in 0..<channels {
        shades.withUnsafeMutableBufferPointer { picture.shades(row: row, channel: channel, into: $0.baseAddress!) }
        samples[channel].withUnsafeMutableBufferPointer { histogram in
          shades.withUnsafeBufferPointer { for shade in $0 { histogram[bin(shade)] += 1 } }
        }
        if channel == 0 {
          greys.withUnsafeMutableBufferPointer { target in for x in 0..<width { target[x] = shades[x] } }
        } else {
          greys.withUnsafeMutableBufferPointer { target in for x in 0..<width { target[x] += shades[x] } }
        }
      }
      let scale = 1 / Float(channels)
      greys.withUnsafeMutableBufferPointer { greys in
        if channels > 1 {
          for x in 0..<width { greys[x] *= scale }
          census.greys.withUnsafeMutableBufferPointer { histogram in
            for x in 0..<width { histogram[bin(greys[x])] += 1 }
          }
        }
        if row < rows * factor {
          plane.withUnsafeMutableBufferPointer { plane in
            let target = plane.baseAddress! + row / factor * columns
            for x in 0..<columns { for k in 0..<factor { target[x] += greys[x * factor + k] } }
          }
        }
      }
    }
    if channels == 1 { census.greys = samples[0] }
    let scale = 1 / Float(factor * factor)
    plane.withUnsafeMutableBufferPointer { plane in for i in plane.indices { plane[i] *= scale } }
    for histogram in samples {
      let greatest = histogram.lastIndex { $0 > 0 } ?? 0
      let near = histogram[max(0, greatest - bins * 3 / 510)...].reduce(0, +)
      census.shareOfBrightest += Double(near) / Double(width * height * channels)
    }
    return (census, GreyPlane(width: columns, height: rows, values: plane))
  }

  @inline(__always)
  private static func bin(_ shade: Float) -> Int { Int(min(max(0, shade), 1) * Float(bins - 1) + 0.5) }

  /// The grey of which `fraction` of all are less, by nearest rank.
  func percentile(_ fraction: Double) -> Double {
    let rank = Int((fraction * Double(greys.reduce(0, +) - 1)).rounded())
    var below = 0
    for (bin, count) in greys.enumerated() {
      below += count
      if below > rank { return Double(bin) / Double(ShadeCensus.bins - 1) }
    }
    return 1
  }
}
