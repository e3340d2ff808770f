import Records

/// Which slices of a volume are taken, and which of its numbers tell the window.
enum VolumeSampling {
  /// At most `limit` of `count` slices, evenly spread: the middles of `limit` equal parts.
  static func slices(_ count: Int, limit: Int?) -> [Int] {
    guard let limit, limit < count else { return Array(0..<max(count, 0)) }
    return (0..<max(limit, 0)).map { (2 * $0 + 1) * count / (2 * limit) }
  }

  /// Runs of neighbours, evenly spread over `count` numbers: all of them, or 1,024 runs of 256. The same for equal counts.
  static func runs(_ count: Int) -> [Range<Int>] {
    if count <= ValueWindow.sampleSize { return [0..<count] }
    let length = 256
    let number = ValueWindow.sampleSize / length
    return (0..<number).map { run in
      let start = Int((Double(run) * Double(count - length) / Double(number - 1)).rounded(.down))
      return start..<start + length
    }
  }
}
