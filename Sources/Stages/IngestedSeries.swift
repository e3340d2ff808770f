import Foundation
import Imaging
import Records
import Storage

/// `series.csv` and `slices.csv`: how the slices that were taken lie in their series, and what is odd about it.
///
/// Memory: that of the largest series.
enum IngestedSeries {
  static func write(_ taken: IngestedPictures, to output: URL) throws {
    try CSVWriter.write(to: output.appending(path: "series.csv"), columns: SeriesTable.columns) { series in
      try CSVWriter.write(to: output.appending(path: "slices.csv"), columns: SlicesTable.columns) { slices in
        var own: [SeriesSlice] = []
        func close() throws {
          defer { own.removeAll() }
          // A picture alone is no series.
          guard own.count > 1 else { return }
          let order = SeriesOrder(own)
          try SeriesTable.append(order.record(own), to: series)
          for slice in order.sliceRecords(own) { try SlicesTable.append(slice, to: slices) }
        }
        try taken.forEachPictureBySeries { row, picture in
          guard let place = picture.slice else { return }
          if own.last?.series != picture.series { try close() }
          let record = picture.record
          own.append(
            SeriesSlice(
              series: picture.series, study: record.study, modality: record.modality, id: record.id.rawValue, row: row,
              frame: record.frame ?? 0, columns: record.width, rows: record.height, place: place))
        }
        try close()
      }
    }
  }
}

/// `coords/<slide>_patches.h5`: where the tiles of each slide lie, as TRIDENT writes it. The slide's id names the file.
///
/// Memory: that of the tiles of one slide.
enum IngestedSlides {
  static func write(_ taken: IngestedPictures, _ settings: IngestSettings, to output: URL) throws {
    let folder = output.appending(path: "coords")
    var slide: TakenPicture?
    var tiles: [TilePlace] = []
    func close() throws {
      defer { tiles.removeAll() }
      guard let slide, let first = tiles.first, first.slideMicrometresPerPixel > 0 else { return }
      let path = settings.hidesPaths ? slide.file : slide.record.path
      let name = URL(filePath: path).deletingPathExtension().lastPathComponent
      guard let coordinates = SlideCoordinates(name: name, tiles: tiles, options: settings.reading.tiles) else {
        return
      }
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try SlideCoordinatesFile.write(coordinates, to: folder.appending(path: "\(slide.file)_patches.h5"))
    }
    try taken.forEachPicture { picture in
      guard let tile = picture.tile else { return }
      if slide?.file != picture.file {
        try close()
        slide = picture
      }
      tiles.append(tile)
    }
    try close()
  }
}
