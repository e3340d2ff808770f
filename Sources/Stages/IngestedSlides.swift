import Foundation
import Imaging
import Records
import Storage

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
