import Imaging
import Tensors
import Testing

struct PercentileWindowTests {
  /// The same by sorting everything.
  private func naive(_ values: [Double]) -> (Double, Double) {
    let sorted = values.sorted()
    func percentile(_ fraction: Double) -> Double {
      sorted[max(1, Int((fraction * Double(sorted.count)).rounded(.up))) - 1]
    }
    let (low, high) = (percentile(0.005), percentile(0.995))
    return low < high ? (low, high) : (sorted[0], sorted[sorted.count - 1])
  }

  @Test func theWindowIsThatOfTheSortedValues() {
    var generator = Seed(5).generator()
    for round in 0..<60 {
      let count = Int.random(in: 1...1500, using: &generator)
      let values = (0..<count).map { _ in
        switch round % 3 {
        case 0: Double(Int.random(in: -40...40, using: &generator))
        case 1: Double.random(in: -1e6...1e6, using: &generator)
        default: Bool.random(using: &generator) ? 0 : Double.random(in: -1...1, using: &generator) * 1e-9
        }
      }
      let window = PercentileWindow(CountedValues(values: values))
      #expect((window.low, window.high) == naive(values), "round \(round)")
    }
  }

  @Test func valuesOfSeveralFramesCountTogether() {
    var all = CountedValues(values: [5, -2])
    all.append(CountedValues(values: [7, 5], counts: [300, 10]))
    all.append(CountedValues(values: [-3]))
    let window = PercentileWindow(all)
    #expect(
      (window.low, window.high)
        == naive([5, -2, -3] + Array(repeating: 7, count: 300) + Array(repeating: 5, count: 10)))
  }

  @Test func whereAlmostAllIsOneValueTheEndsAreTaken() {
    let window = PercentileWindow(CountedValues(values: [3, -1, 8], counts: [100_000, 1, 1]))
    #expect(window.low == -1 && window.high == 8)
  }

  @Test func aVolumesWindowComesFromAFixedSampleOfItsFrames() {
    #expect(DICOMRendering.windowFrames(of: 1, pixels: 100) == [0])
    #expect(DICOMRendering.windowFrames(of: 4, pixels: 100) == [0, 1, 2, 3])
    #expect(DICOMRendering.windowFrames(of: 90, pixels: 512 * 512) == [5, 15, 25, 35, 45, 55, 65, 75, 85])
    #expect(DICOMRendering.windowFrames(of: 90, pixels: 100_000_000) == [45])
  }
}
