import Tensors
import TestSupport
import Testing
import VisionModels

/// A vector is its image's: the same bytes at any number of threads, in any company, on whole chunks or shared by rows.
struct FeatureExtractorTests {
  struct Setting: Sendable, CustomStringConvertible {
    let description: String
    let configuration: VisionTransformer.Configuration
    let side: Int
    let images: Int
    let layer: Int?
    let pool: VisionTransformer.Pool

    fileprivate static func family(
      _ name: String, side: Int, images: Int, layer: Int? = nil, _ pool: VisionTransformer.Pool
    ) -> Setting {
      let family = PublishedFamily.all.first { $0.name == name }!
      return Setting(
        description: name, configuration: family.configuration, side: side, images: images, layer: layer, pool: pool)
    }

    fileprivate init(
      description: String, configuration: VisionTransformer.Configuration, side: Int, images: Int, layer: Int?,
      pool: VisionTransformer.Pool
    ) {
      self.description = description
      self.configuration = configuration
      self.side = side
      self.images = images
      self.layer = layer
      self.pool = pool
    }
  }

  /// Chunks of some twenty images; of four; and images of which one is a chunk, longer than what a thread takes at a time.
  static let settings = [
    Setting.family("timm_layer_scale", side: 28, images: 45, .cls),
    .family("timm_swiglu", side: 28, images: 45, .clsMean),
    .family("dinov2_registers", side: 28, images: 45, layer: 1, .mean),
    .family("dinov3_gated", side: 60, images: 11, .clsMean),
    Setting(
      description: "577 tokens",
      configuration: .init(imageSize: 20, patchSize: 1, width: 16, depth: 2, heads: 2, registers: 1), side: 24,
      images: 3, layer: nil, pool: .clsMean),
    Setting(
      description: "226 tokens, gated",
      configuration: .init(
        imageSize: 15, patchSize: 1, channels: 1, width: 8, depth: 1, heads: 1, hiddenWidth: 6, feedForward: .swiglu,
        positions: .rotary), side: 15, images: 6, layer: nil, pool: .cls),
  ]

  private func parameters(_ model: VisionTransformer) -> ParameterBuffer {
    let parameters = ParameterBuffer(model.layout)
    for entry in model.layout.entries {
      var generator = Seed(31).split(entry.path).generator()
      let centre = entry.path.contains("norm") || entry.path.hasSuffix("gamma") ? 0.75 : 0
      parameters.set(entry.path, entry.range.map { _ in Float(centre + 0.25 * generator.normal()) })
    }
    return parameters
  }

  @Test(arguments: settings, Precision.allCases)
  func neitherThreadsNorCompanyChangeAByte(_ setting: Setting, _ precision: Precision) {
    let model = VisionTransformer(setting.configuration)
    let parameters = parameters(model)
    let size = setting.configuration.channels * setting.side * setting.side
    var generator = Seed(32).generator()
    let images = (0..<setting.images * size).map { _ in Float(generator.normal()) }
    func vectors(threads: Int, calls: [Int]) -> [Float] {
      let extractor = FeatureExtractor(
        model: model, parameters: parameters, precision: precision, side: setting.side, layer: setting.layer,
        pool: setting.pool, workers: WorkerPool(threads: threads))
      var result = [Float](repeating: .nan, count: setting.images * extractor.width)
      var first = 0
      images.withUnsafeBufferPointer { images in
        result.withUnsafeMutableBufferPointer { result in
          for count in calls {
            extractor.features(
              images.baseAddress! + first * size, count: count, into: result.baseAddress! + first * extractor.width)
            first += count
          }
        }
      }
      #expect(first == setting.images)
      return result
    }
    let all = [setting.images]
    let wanted = vectors(threads: 1, calls: all)
    #expect(wanted.allSatisfy { $0.isFinite })
    let oneByOne = [Int](repeating: 1, count: setting.images)
    // Pairs, and what is left; nothing at all in between.
    let pairs = [Int](repeating: 2, count: setting.images / 2) + [0, setting.images % 2]
    for threads in [1, 2, 3, 4, 7] {
      for calls in [all, oneByOne, pairs, [1, setting.images - 1]] {
        #expect(vectors(threads: threads, calls: calls) == wanted, "\(threads) threads, \(calls.count) calls")
      }
    }
  }

  /// One number an image would do: the extractor gives what the network gives.
  @Test(arguments: Precision.allCases)
  func vectorsAreTheNetworks(_ precision: Precision) {
    let setting = Self.settings[1]
    let model = VisionTransformer(setting.configuration)
    let parameters = parameters(model)
    var generator = Seed(33).generator()
    let images = (0..<2 * 3 * 28 * 28).map { _ in Float(generator.normal()) }
    let extractor = FeatureExtractor(
      model: model, parameters: parameters, precision: precision, side: 28, layer: nil, pool: .clsMean,
      workers: WorkerPool(threads: 2))
    var (own, wanted) = ([Float](repeating: .nan, count: 64), [Float](repeating: .nan, count: 64))
    #expect(own.count == 2 * extractor.width)
    extractor.features(images, count: 2, into: &own)
    let tape = model.makeTape(images: 9, side: 28, precision: precision, forTraining: true)
    model.features(
      images, count: 2, weights: model.pack(parameters, precision: precision), tape: tape, layer: nil, pool: .clsMean,
      into: &wanted)
    #expect(own == wanted)
  }
}
