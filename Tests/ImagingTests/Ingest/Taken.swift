import Foundation
import Imaging
import Records

/// All that `Ingest` took and refused, in memory.
struct Taken {
  var records: [ImageRecord] = []
  var rejections: [Rejection] = []
  var pixels: [[UInt8]] = []

  init(_ pictures: IngestedPictures) throws {
    try pictures.forEachPicture { records.append($0.record) }
    try pictures.forEachRejection { rejections.append($0) }
    try pictures.forEachPixels { pixels.append(Array($0)) }
  }

  /// Picture `index` in 0…1.
  func shades(_ index: Int, bits: Int) -> [Float] {
    if bits == 8 { return pixels[index].map { Float($0) / 255 } }
    return pixels[index].withUnsafeBytes { $0.bindMemory(to: UInt16.self).map { Float($0) / 65535 } }
  }
}
