import Imaging
import Records
import Testing

struct ClipSamplerTests {
  private func taken(_ sampling: ClipSampling, _ times: [Double]?, count: Int? = nil) -> [Int] {
    ClipSampler.frames(sampling, count: count ?? times!.count, times: times) { _ throws(DecodeFailure) in
      throw DecodeFailure(.corrupt, "no frame is asked for")
    }
  }

  @Test func allTakesEveryFrameAndAsksForNone() {
    #expect(taken(ClipSampling(.all), [0, 1, 2]) == [0, 1, 2])
    #expect(taken(ClipSampling(.all), []) == [])
  }

  @Test func aRateTakesTheFirstFrameOfEachInterval() {
    // 25 frames a second: one a second are every 25th.
    let even = (0..<100).map { Double($0) / 25 }
    #expect(taken(ClipSampling(.rate, rate: 1), even) == [0, 25, 50, 75])
    #expect(taken(ClipSampling(.rate, rate: 25), even) == Array(0..<100))
    #expect(taken(ClipSampling(.rate, rate: 100), even) == Array(0..<100))
    // Intervals without a frame give none, and the grid does not move with late frames.
    #expect(taken(ClipSampling(.rate, rate: 1), [0, 0.4, 1.9, 2.0, 2.5, 5.7, 6.1]) == [0, 2, 3, 5, 6])
    // Thirds, as time stamps in milliseconds round them.
    #expect(
      taken(ClipSampling(.rate, rate: 10), [0, 0.0333333, 0.0666667, 0.0999999999, 0.1333333, 0.2]) == [0, 3, 5])
    // Time that runs back takes nothing twice.
    #expect(taken(ClipSampling(.rate, rate: 1), [0, 2, 1, 2, 3]) == [0, 1, 4])
  }

  @Test func withoutTimesARateTakesEveryFrame() {
    #expect(taken(ClipSampling(.rate, rate: 1), nil, count: 4) == [0, 1, 2, 3])
    #expect(taken(ClipSampling(.rate, rate: 1), [0, .nan, 2]) == [0, 1, 2])
  }

  /// Every pattern of eight frames, present or absent on a grid of 0.25 s, against the definition read literally.
  @Test func aRateAgreesWithItsDefinitionOnAllSmallClips() {
    for pattern in 1..<256 {
      let times = (0..<8).filter { pattern >> $0 & 1 == 1 }.map { Double($0) * 0.25 }
      for rate in [0.5, 1, 2, 4, 8] {
        var wanted: [Int] = []
        for k in 0..<32 {
          let (begin, end) = (Double(k) / rate, Double(k + 1) / rate)
          if let first = times.firstIndex(where: { $0 >= begin }), times[first] < end { wanted.append(first) }
        }
        #expect(taken(ClipSampling(.rate, rate: rate), times) == wanted, "\(times) at \(rate)")
      }
    }
  }

  @Test func changeTakesTheFirstFrameAndWhatDiffersFromTheLastOneTaken() {
    // Constant frames: the difference of two is that of their shades. Slow drift adds up until it counts.
    let shades: [Float] = [0.5, 0.53, 0.56, 0.59, 0.59, 0.5, 0.9]
    var asked: [Int] = []
    let taken = ClipSampler.frames(ClipSampling(.change, change: 0.05), count: shades.count, times: nil) {
      index throws(DecodeFailure) in
      asked.append(index)
      return Samples.picture([Float](repeating: shades[index], count: 40 * 50), height: 40, width: 50)
    }
    #expect(taken == [0, 2, 5, 6])
    #expect(asked == Array(shades.indices))
  }

  @Test func framesThatCannotBeDecodedAreTaken() {
    let taken = ClipSampler.frames(ClipSampling(.change, change: 0.05), count: 4, times: nil) {
      index throws(DecodeFailure) in
      if index == 2 { throw DecodeFailure(.corrupt, "a hole") }
      return Samples.picture([Float](repeating: 0.5, count: 64), height: 8, width: 8)
    }
    #expect(taken == [0, 2])
  }

  @Test func aThumbnailIsTheMeanOfTheChannels() {
    let plane = 64 * 96
    let shades = (0..<3).flatMap { channel in [Float](repeating: [0.2, 0.4, 0.9][channel], count: plane) }
    let thumbnail = ClipSampler.thumbnail(of: Samples.picture(shades, channels: 3, height: 64, width: 96))
    #expect(thumbnail.count == 32 * 32)
    #expect(thumbnail.allSatisfy { abs($0 - 0.5) < 1e-6 })
  }
}
