import Foundation
import Reduction
import SelfSupervision
import Storage
import VisionModels

/// `place.safetensors`: where in the network an `embed` step took its vectors, and what of it was fitted to the archive, so that
/// images that come later can be embedded in the same way.
///
/// Metadata: `format` = `medoid-place`, `format_version` = 1, `layer` (a block, or `last`), `pool`, `shifts`. With `pool` = `layout` the
/// tensors are those of `LayoutVectors`: `directions.mean` (D), `directions.components` (d, D), `directions.explained_variance` and `…_ratio`,
/// `directions.singular_values` (d) as F64; `whole.mean`, `whole.scale`, `cells.mean`, `cells.scale` as F32.
struct FeaturePlaceFile {
  static let name = "place.safetensors"
  private static let format = "medoid-place"

  var place: FeaturePlace
  var shifts: Int
  /// Where `place.pool` is the layout.
  var layout: LayoutVectors?

  func write(to url: URL) throws {
    try SafetensorsFile.write(
      layout.map(Self.tensors) ?? [],
      metadata: [
        "format": Self.format, "format_version": "1", "layer": PlacesTable.name(of: place.layer),
        "pool": place.pool.rawValue, "shifts": String(shifts),
      ], to: url)
  }

  /// - Throws: `NoPlace` where the step's result is older than this file, or another's; `SafetensorsError`.
  init(reading url: URL) throws {
    guard FileManager.default.fileExists(atPath: url.path) else { throw NoPlace() }
    let file = try SafetensorsFile(reading: url)
    guard file.metadata["format"] == Self.format, file.metadata["format_version"] == "1",
      let layer = file.metadata["layer"], layer == "last" || Int(layer) != nil,
      let pool = file.metadata["pool"].flatMap(VisionTransformer.Pool.init(rawValue:)),
      let shifts = file.metadata["shifts"].flatMap({ Int($0) })
    else { throw NoPlace() }
    place = FeaturePlace(layer: Int(layer), pool: pool)
    self.shifts = shifts
    layout = pool == .layout ? try Self.layout(in: file) : nil
  }

  init(place: FeaturePlace, shifts: Int, layout: LayoutVectors?) {
    self.place = place
    self.shifts = shifts
    self.layout = layout
  }

  private static func tensors(_ layout: LayoutVectors) -> [SafetensorsFile.Tensor] {
    let directions = layout.directions
    func tensor(_ name: String, _ values: [Double], _ shape: [Int]? = nil) -> SafetensorsFile.Tensor {
      .init(name, shape: shape ?? [values.count], values: .doubles(values))
    }
    return [
      tensor("directions.mean", directions.mean),
      tensor("directions.components", directions.components, [directions.count, directions.columns]),
      tensor("directions.explained_variance", directions.explainedVariance),
      tensor("directions.explained_variance_ratio", directions.explainedVarianceRatio),
      tensor("directions.singular_values", directions.singularValues),
    ]
      + [("whole", layout.whole), ("cells", layout.cells)].flatMap { name, part in
        [
          SafetensorsFile.Tensor("\(name).mean", shape: [part.mean.count], floats: part.mean),
          .init("\(name).scale", shape: [1], floats: [part.scale]),
        ]
      }
  }

  private static func layout(in file: SafetensorsFile) throws -> LayoutVectors {
    func part(_ name: String) throws -> LayoutVectors.Part {
      LayoutVectors.Part(mean: try file.floats("\(name).mean"), scale: try file.floats("\(name).scale")[0])
    }
    return LayoutVectors(
      directions: PCA.Fitted(
        mean: try file.doubles("directions.mean"), components: try file.doubles("directions.components"),
        explainedVariance: try file.doubles("directions.explained_variance"),
        explainedVarianceRatio: try file.doubles("directions.explained_variance_ratio"),
        singularValues: try file.doubles("directions.singular_values"), whiten: 0),
      whole: try part("whole"), cells: try part("cells"))
  }
}

/// An `embed` step's result that doesn't say where its vectors were taken.
struct NoPlace: Error, CustomStringConvertible {
  var description: String {
    "the vectors to be like don't say where in the network they were taken: an earlier version made them; run their recipe again"
  }
}

/// Vectors of other weights, or of pixels made in another way, than those they are to be like.
struct OtherFeatures: Error, CustomStringConvertible {
  let what: String

  var description: String { "the vectors to be like are of \(what): they can't be compared" }
}
