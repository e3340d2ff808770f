/// Which frames of a clip are taken: the one rule for videos, animations and DICOM frames with a time.
package enum ClipSampler {
  /// The numbers of the frames taken of `count`, ascending.
  ///
  /// - `.all` takes every frame.
  /// - `.rate` cuts time into intervals [k / rate, (k + 1) / rate), k = 0, 1, …, counted from the beginning of the clip, and takes the first frame of
  ///   each in which there is one. A frame within a millionth of an interval before a beginning counts as being there: time stamps are rounded.
  /// - `.change` takes the first frame, and each whose `thumbnail` differs from that of the last one taken by more than `change` in the mean of
  ///   absolute differences. A frame that cannot be decoded is taken, so that someone hears of it, and compared with nothing.
  ///
  /// - Parameters:
  ///   - times: seconds from the beginning of the clip, one a frame; nil where the file tells none, or one of them is no number: then `.rate`
  ///     takes every frame, for leaving out what has no place in time would be a guess.
  ///   - picture: frame `i`, asked for once each in ascending order, and only by `.change`; it need not be kept.
  /// - Precondition: the rate is above 0 and the change at least 0, both finite; there are as many times as frames.
  /// - Complexity: O(count); `.change` decodes each frame and keeps one thumbnail. Deterministic.
  package static func frames(
    _ sampling: ClipSampling, count: Int, times: [Double]?, picture: (Int) throws(DecodeFailure) -> Picture
  ) -> [Int] {
    switch sampling.method {
    case .all: return Array(0..<count)
    case .rate:
      guard let times else { return Array(0..<count) }
      precondition(times.count == count, "\(times.count) times for \(count) frames")
      return frames(at: sampling.rate, times)
    case .change:
      var chooser = ChangeChooser(sampling.change)
      var taken: [Int] = []
      for index in 0..<count {
        let isTaken: Bool
        do throws(DecodeFailure) { isTaken = chooser.takes(thumbnail(of: try picture(index))) } catch { isTaken = true }
        if isTaken { taken.append(index) }
      }
      return taken
    }
  }

  private static func frames(at rate: Double, _ times: [Double]) -> [Int] {
    precondition(rate > 0 && rate.isFinite, "\(rate) frames a second")
    guard times.allSatisfy(\.isFinite) else { return Array(times.indices) }
    var taken: [Int] = []
    var last = -Double.infinity
    for (index, time) in times.enumerated() {
      let interval = (time * rate + 1e-6).rounded(.down)
      if interval > last {
        taken.append(index)
        last = interval
      }
    }
    return taken
  }

  /// Pixels on a side of a thumbnail.
  package static let thumbnailSize = 32

  /// The mean of the channels at 32 × 32 pixels by the antialiased triangle filter, the picture's shape lost; values of 0…1.
  package static func thumbnail(of picture: Picture) -> [Float] {
    let size = thumbnailSize
    let box = Resampling.Box(top: 0, left: 0, bottom: Double(picture.height), right: Double(picture.width))
    let channels = picture.channels
    var channel = [Float](repeating: 0, count: picture.width)
    return Resampling.resize(
      height: picture.height, width: picture.width, box: box, toHeight: size, width: size
    ) { row, target in
      picture.shades(row: row, channel: 0, into: target)
      if channels == 1 { return }
      channel.withUnsafeMutableBufferPointer { channel in
        for number in 1..<channels {
          picture.shades(row: row, channel: number, into: channel.baseAddress!)
          for x in 0..<picture.width { target[x] += channel[x] }
        }
        for x in 0..<picture.width { target[x] /= Float(channels) }
      }
    }
  }
}

/// Takes a frame after frame by how much it differs from the last one taken.
package struct ChangeChooser {
  private let change: Double
  private var last: [Float]?

  /// - Precondition: `change` is at least 0 and finite.
  package init(_ change: Double) {
    precondition(change >= 0 && change.isFinite, "a change of \(change)")
    self.change = change
  }

  /// Whether the frame of this thumbnail is taken: it is the first, or its mean absolute difference from the last one taken is above the change.
  /// - Precondition: all thumbnails are of one size.
  package mutating func takes(_ thumbnail: [Float]) -> Bool {
    if let last {
      precondition(last.count == thumbnail.count, "\(thumbnail.count) pixels against \(last.count)")
      var sum = 0.0
      for i in thumbnail.indices { sum += Double(abs(thumbnail[i] - last[i])) }
      if sum / Double(thumbnail.count) <= change { return false }
    }
    last = thumbnail
    return true
  }
}
