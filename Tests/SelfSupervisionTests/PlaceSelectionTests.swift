import Augmentation
import SelfSupervision
import Tensors
import Testing
import VisionModels

struct PlaceSelectionTests {
  /// A place where images keep a share `kept`, half of them `spread` more and half less: the standard error of four is spread / √3.
  private func place(
    _ layer: Int?, _ pool: VisionTransformer.Pool, _ kept: Double, _ spread: Double,
    nearest: Set<Int> = [1, 2, 3, 4, 5]
  ) -> PlaceConsistency {
    let shares = [kept - spread, kept + spread, kept - spread, kept + spread]
    return PlaceConsistency(
      place: FeaturePlace(layer: layer, pool: pool),
      views: ViewConsistency(kept: shares, retrieved: shares, nearest: [Set<Int>](repeating: nearest, count: 4)))
  }

  @Test func theOneThatKeepsMostIsTaken() {
    let selection = PlaceSelection([
      place(2, .cls, 0.5, 0.07), place(3, .cls, 0.47, 0.1), place(3, .mean, 0.52, 0.1), place(nil, .cls, 0.45, 0.4),
    ])
    #expect(selection.chosen.place == FeaturePlace(layer: 3, pool: .mean))
    #expect(abs(selection.candidates[0].kept.standardError - 0.07 / 3.0.squareRoot()) < 1e-12)
    #expect(PlaceSelection.layers(depth: 6) == [2, 3, 4, 5, nil])
  }

  @Test func theLayoutIsTakenWhereItKeepsMoreAndOthers() {
    let others = [place(2, .clsMean, 0.4, 0.05), place(nil, .clsMean, 0.41, 0.05)]
    func selection(_ kept: Double, _ nearest: Set<Int>) -> PlaceSelection {
      PlaceSelection(others + [place(2, .layout, kept, 0.05, nearest: nearest)])
    }
    let (twoShared, threeShared): (Set<Int>, Set<Int>) = ([4, 5, 6, 7, 8], [3, 4, 5, 6, 7])
    #expect(
      selection(0.42, twoShared).chosen.place.pool == .layout && selection(0.42, twoShared).sharedWithLayout == 0.4)
    #expect(selection(0.4, twoShared).chosen.place == others[1].place)
    #expect(
      selection(0.42, threeShared).chosen.place == others[1].place
        && selection(0.42, threeShared).sharedWithLayout == 0.6)
    #expect(PlaceSelection([place(2, .layout, 0.3, 0.05)]).chosen.place.pool == .layout)
    #expect(PlaceSelection(others).sharedWithLayout == nil)
  }

  private let model = VisionTransformer(.init(imageSize: 16, patchSize: 4, width: 16, depth: 3, heads: 2))
  private let standardization = Standardization(mean: [0.5, 0.5, 0.5], deviation: [0.3, 0.3, 0.3])
  private let layers: [Int?] = [1, 2, nil]

  private var images: PixelStack {
    var generator = Seed(3).generator()
    let kinds = (0..<4).map { _ in (0..<256).map { _ in generator.uniform() } }
    let samples = (0..<24).flatMap { image in
      kinds[image % 4].map { UInt8(min(max(200 * $0 + 40 * generator.uniform(), 0), 255)) }
    }
    return PixelStack(count: 24, channels: 1, height: 16, width: 16, samples: .bits8(samples))
  }

  private var parameters: ParameterBuffer {
    let numbers = ParameterBuffer(model.layout)
    model.initialize(numbers, seed: Seed(11))
    for i in 0..<numbers.count { numbers.pointer[i] *= 6 }
    return numbers
  }

  private func measured(threads: Int, _ images: PixelStack? = nil) throws -> [PlaceConsistency] {
    let pools = VisionTransformer.Pool.allCases
    let places = layers.flatMap { layer in pools.map { FeaturePlace(layer: layer, pool: $0) } }
    return try PlaceConsistency.measure(places, of: features(threads: threads, images))
  }

  private func features(threads: Int, _ images: PixelStack? = nil) -> VariedFeatures {
    VariedFeatures(
      of: model, parameters: parameters, precision: .f32,
      VariedImages(
        images ?? self.images, standardization: standardization, preset: .medical, seed: Seed(5),
        workers: WorkerPool(threads: threads)))
  }

  @Test func theNumberOfThreadsMakesNoDifference() throws {
    let (one, three) = (try measured(threads: 1), try measured(threads: 3))
    #expect(one.map(\.place) == three.map(\.place))
    #expect(one.map(\.views.kept) == three.map(\.views.kept))
    #expect(one.map(\.views.retrieved) == three.map(\.views.retrieved))
  }

  /// Without a pooling given: the class token beside the mean everywhere, and the layout in the middle where there is one.
  @Test func theLayoutIsAskedWhereThereIsOne() {
    func places(_ images: PixelStack, _ layers: [Int?], pool: VisionTransformer.Pool? = nil) -> [FeaturePlace] {
      PlaceSelection.places(
        among: layers, pool: pool, depth: 3, layout: ImageLayout(of: images, workers: WorkerPool(threads: 2)))
    }
    let both = layers.map { FeaturePlace(layer: $0, pool: .clsMean) }
    #expect(places(images, layers) == both + [FeaturePlace(layer: 1, pool: .layout)])
    #expect(places(images, [2]) == [FeaturePlace(layer: 2, pool: .clsMean), FeaturePlace(layer: 2, pool: .layout)])
    #expect(places(images, layers, pool: .cls) == layers.map { FeaturePlace(layer: $0, pool: .cls) })
    var generator = Seed(8).generator()
    let noise = (0..<24 * 256).map { _ in UInt8(generator.integer(below: 256)) }
    #expect(places(PixelStack(count: 24, channels: 1, height: 16, width: 16, samples: .bits8(noise)), layers) == both)
  }

  @Test func gainsAreOfTheSameImages() {
    func measured(_ kept: [Double]) -> ViewConsistency {
      ViewConsistency(kept: kept, retrieved: kept, nearest: kept.map { _ in [] })
    }
    let before = measured([0.2, 0.4, 0.6, 0.8])
    let equal = TrainingGain(before, over: before)
    #expect(equal.interval == 0...0 && equal.other == 0.5 && equal.trained == 0.5)
    // Each image gains 0.1 or 0.3: 0.2 ± 1.96 · √(0.04/3/4).
    let gain = TrainingGain(measured([0.3, 0.7, 0.7, 1.1]), over: before)
    let half = 1.96 * (0.04 / 3 / 4).squareRoot()
    #expect(
      abs(gain.interval.lowerBound - (0.2 - half)) < 1e-12 && abs(gain.interval.upperBound - (0.2 + half)) < 1e-12)
  }

  /// Vectors by the plain forward pass, neighbours by a double loop.
  @Test func scoresAreThoseOfThePlainComputation() throws {
    let (images, numbers) = (images, parameters)
    let weights = model.pack(numbers, precision: .f32)
    let tape = model.makeTape(images: 1, side: 16, precision: .f32, forTraining: false)
    let augmenter = Augmenter(
      preset: .medical, mean: standardization.mean, deviation: standardization.deviation, height: 16, width: 16,
      largestSide: 16)
    func vectors(_ variation: Int?, _ place: FeaturePlace) -> [[Double]] {
      (0..<images.count).map { image in
        var pixels = [Float](repeating: 0, count: 768)
        if let variation {
          augmenter.load(images, image)
          var generator = Seed(5).split(variation).split(image).generator()
          augmenter.crop(
            .secondGlobal, scale: AugmentationPreset.medical.globalScale, side: 16, &generator, into: &pixels)
        } else {
          images.read(image, into: &pixels)
          standardization.apply(to: &pixels, height: 16, width: 16)
        }
        var vector = [Float](repeating: 0, count: model.featureWidth(place.pool))
        model.features(
          pixels, count: 1, weights: weights, tape: tape, layer: place.layer, pool: place.pool, into: &vector)
        return vector.map { Double($0) }
      }
    }
    func unit(_ x: [Double]) -> [Double] {
      let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return x.map { $0 / length }
    }
    func neighbors(_ rows: [[Double]], _ mean: [Double]) -> [Set<Int>] {
      let units = rows.map { unit(zip($0, mean).map { $0 - $1 }) }
      return units.indices.map { i in
        let products = units.indices.filter { $0 != i }.map { j in
          (j, zip(units[i], units[j]).reduce(0) { $0 + $1.0 * $1.1 })
        }
        return Set(products.sorted { $0.1 > $1.1 }.prefix(5).map(\.0))
      }
    }
    for candidate in try measured(threads: 2) {
      let raw = vectors(nil, candidate.place)
      func joined(_ rows: [[Double]]) -> [[Double]] {
        (candidate.place.pool == .layout ? PlainLayout(fitting: raw).vectors(of: rows) : rows).map(unit)
      }
      let plain = joined(raw)
      let mean = plain[0].indices.map { column in plain.reduce(0) { $0 + $1[column] } / Double(plain.count) }
      let known = neighbors(plain, mean)
      var shares = [Double](repeating: 0, count: images.count)
      var retrieved = 0.0
      let plainUnits = plain.map { unit(zip($0, mean).map { $0 - $1 }) }
      for variation in 0..<4 {
        let varied = joined(vectors(variation, candidate.place))
        for (image, found) in neighbors(varied, mean).enumerated() {
          shares[image] += Double(found.intersection(known[image]).count) / 20
        }
        for (image, vector) in varied.enumerated() {
          let own = unit(zip(vector, mean).map { $0 - $1 })
          let products = plainUnits.map { zip($0, own).reduce(0) { $0 + $1.0 * $1.1 } }
          if products.indices.max(by: { products[$0] < products[$1] }) == image { retrieved += 1 }
        }
      }
      let kept = shares.reduce(0, +) / Double(shares.count)
      let variance = shares.reduce(0) { $0 + ($1 - kept) * ($1 - kept) } / Double(shares.count - 1)
      // A pair of neighbours that are equally far may be told apart by rounding: one in 480.
      #expect(abs(candidate.views.keptShare.mean - kept) < 0.003, "\(candidate.place)")
      #expect(abs(candidate.views.keptShare.standardError - (variance / Double(shares.count)).squareRoot()) < 0.003)
      #expect(abs(candidate.views.retrievedShare.mean - retrieved / 96) < 0.011, "\(candidate.place)")
    }
  }
}
