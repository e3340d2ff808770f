import Foundation
import Imaging
import Records
import TestSupport
import Testing

/// Real tissue of four origins: what is planted in its tiles is found, and what is untouched is left in peace.
@Suite(.enabled(if: RealData.isPresent, "the real images are not here (MEDOID_DATA)"))
struct RealTissueTests {
  /// Every planted corruption against untouched tiles.
  static let leastAreaUnderCurve = 0.95
  /// Untouched tiles with a flag, by flag.
  static let mostFalseFlags = ["pen": 0.02, "blurred": 0.02, "fold": 0.05, "little_tissue": 0.05]

  private struct Tile {
    let pixels: [UInt8]
    let mask: TissueMask
  }

  private static let size = 224

  /// Tiles of 224 pixels of 0.5 µm with at least half tissue, evenly spread over the pictures of an origin.
  private func tiles(_ folder: String, mpp: Double, every step: Int, most: Int) throws -> [Tile] {
    let root = RealData.file(folder)
    let files = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
    var tiles: [Tile] = []
    for index in stride(from: 0, to: files.count, by: step) {
      let source = try PictureSources.open(root.appending(path: files[index]).path, ReadingOptions())
      let content = try source.picture(0)
      let slide = RasterSlide(content.picture, facts: content.facts, resolution: SlideResolution(x: mpp, y: mpp))
      tiles += try cut(slide, mpp, limit: 2)
    }
    return Array(tiles.prefix(most))
  }

  private func cut(_ slide: any SlideImage, _ mpp: Double, limit: Int) throws -> [Tile] {
    var options = ReadingOptions()
    options.tiles.minimumTissue = 0.5
    options.tiles.limit = limit
    let resolution = try #require(SlideResolution(x: mpp, y: mpp))
    let mask = TissueMask(try SlideThumbnail(slide, resolution, micrometres: 8))
    do throws(DecodeFailure) {
      let source = try SlideSource(slide, options)
      var tiles: [Tile] = []
      for index in 0..<source.count { tiles.append(Tile(pixels: try source.picture(index).stored.bytes, mask: mask)) }
      return tiles
    } catch {
      #expect(error.code == .noTissue)
      return []
    }
  }

  private func quality(_ pixels: [UInt8], _ tile: Tile) -> TileQuality {
    TileQuality(pixels, size: Self.size, micrometresPerPixel: 0.5, mask: tile.mask, minimumTissue: 0.25)
  }

  /// The chance that a corrupted tile scores higher than an untouched one.
  private func areaUnderCurve(_ untouched: [Double], _ corrupted: [Double]) -> Double {
    var wins = 0.0
    for a in corrupted { for b in untouched { wins += a > b ? 1 : a == b ? 0.5 : 0 } }
    return wins / Double(untouched.count * corrupted.count)
  }

  @Test func plantedCorruptionsAreFoundAndUntouchedTissueIsNot() throws {
    // LC25000 was photographed through an objective of 60×: pixels of about a third of the others'.
    var tiles = try self.tiles("tissue_lc25000/images", mpp: 0.5 / 3, every: 3, most: 34)
    tiles += try self.tiles("oral_histology/images", mpp: 0.5, every: 6, most: 40)
    tiles += try self.tiles("kidney_stains/images", mpp: 0.5, every: 1, most: 29)
    tiles += try cut(try OpenSlideImage(RealData.file("wsi/files/cmu-1-small-region.svs").path), 0.499, limit: 45)
    #expect(tiles.count > 110)
    let untouched = tiles.map { quality($0.pixels, $0) }
    var report: [String] = ["\(tiles.count) tiles"]
    for (flag, most) in Self.mostFalseFlags.sorted(by: { $0.key < $1.key }) {
      let share = Double(untouched.count { $0.flags.contains(flag) }) / Double(tiles.count)
      report.append("\(flag) on \(share) of untouched")
      #expect(share <= most, "\(flag) on \(share) of untouched tiles")
    }
    let kinds: [(PlantedCorruption.Kind, String, String, Double)] = [
      (.pen, "pen", "pen", 1), (.blur, "blur", "blurred", 1), (.fold, "fold", "fold", 1),
      (.glass, "tissue", "little_tissue", -1),
    ]
    for (kind, score, flag, sign) in kinds {
      let corrupted = tiles.enumerated().map { index, tile in
        var planted = PlantedCorruption(seed: UInt64(index + 1))
        return quality(planted.plant(kind, in: tile.pixels, size: Self.size), tile)
      }
      func values(_ found: [TileQuality]) -> [Double] { found.map { sign * ($0.scores[score] ?? 0) } }
      let area = areaUnderCurve(values(untouched), values(corrupted))
      let found = Double(corrupted.count { $0.flags.contains(flag) }) / Double(tiles.count)
      report.append("\(flag): AUROC \(area), flagged \(found)")
      #expect(area >= Self.leastAreaUnderCurve, "\(flag): \(area)")
    }
    print(report.joined(separator: "; "))
  }

  /// The kit's slides: each is read, or refused with a reason.
  @Test func everySlideOfTheKitIsReadOrRefused() throws {
    let expected: [String: Rejection.Code?] = [
      "boxes.tiff": .missingResolution, "broken.svs": .unknownFormat, "cmu-1-small-region.svs": nil,
      "small_HE_levels.tiff": .missingResolution, "test_orient3.tif": .missingResolution,
      "test_orient6.tif": .missingResolution, "unreadable.svs": .corrupt, "dicom_wsi/boxes_1.dcm": .slideLabel,
    ]
    for (name, code) in expected.sorted(by: { $0.key < $1.key }) {
      var found: Rejection.Code?
      do throws(DecodeFailure) {
        let slide = try PictureSources.open(RealData.file("wsi/files/" + name).path, ReadingOptions())
        #expect(slide.facts.kind == .slide && slide.count > 0)
      } catch { found = error.code }
      #expect(found == code, "\(name): \(found.map(\.rawValue) ?? "read")")
    }
    // Refused by OpenSlide, so a plain picture, and no readable one.
    let broken = try PictureSources.open(RealData.file("wsi/files/unopenable.tiff").path, ReadingOptions())
    #expect(throws: DecodeFailure.self) { try broken.picture(0) }
    // Plain pictures stay plain.
    let plain = try PictureSources.open(RealData.file("wsi/files/kidney-48-5.tif").path, ReadingOptions())
    #expect(plain.facts.kind == .tiff && plain.count == 1)
  }

  /// Normalised tiles of two stains of one organ are closer in colour than untouched ones.
  @Test func normalisationBringsColoursTogether() throws {
    let path = RealData.file("wsi/files/cmu-1-small-region.svs").path
    for method in [TileOptions.StainNormalization.macenko, .reinhard] {
      var options = ReadingOptions()
      options.tiles.limit = 3
      options.tiles.stain = method
      let source = try PictureSources.open(path, options)
      let tile = try source.picture(1)
      #expect(!tile.facts.flags.contains("stain_not_estimated"))
      #expect(tile.facts.stain.allSatisfy(\.isFinite) && !tile.facts.stain.isEmpty)
      print(method, tile.facts.stain, tile.facts.scores, tile.facts.flags, source.count)
    }
  }
}
