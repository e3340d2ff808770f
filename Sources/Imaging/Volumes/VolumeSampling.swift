import Records

/// Which numbers of a volume tell the window.
enum VolumeSampling {
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
