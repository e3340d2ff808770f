import Records

/// The pictures of a `.npy` file, or of the arrays of an `.npz` file as MedMNIST writes them.
///
/// Of a zip file's arrays those are read whose names end in "images" (`train_images`, `val_images`, `test_images`), in the order of the file; where there
/// are none, all of three axes and more whose names don't speak of labels or masks. Labels are never read. A picture's item is
/// `train_images/17`, of a volume `train_images/17/4` with the slice last, and for a lone array `17` or `17/4`; its `frame` is its number among all
/// pictures of the arrays that are read. Objects (pickles) are refused.
final class NumPySource: PictureSource {
  let facts: ImageFacts
  let count: Int
  private let arrays: [NumPyArray]

  init(_ path: String, _ format: FileFormat, _ options: ReadingOptions) throws(DecodeFailure) {
    arrays = format == .npz ? try NumPySource.members(path, options) : [try NumPySource.alone(path, options)]
    count = arrays.reduce(0) { $0 + $1.pictures }
    let first = arrays[0]
    facts = ImageFacts(
      kind: format, width: first.columns, height: first.rows, frames: arrays.reduce(0) { $0 + $1.items * $1.slices },
      bits: first.header.isBoolean ? 1 : 8 * first.header.type.width, samples: first.samples)
  }

  private static func alone(_ path: String, _ options: ReadingOptions) throws(DecodeFailure) -> NumPyArray {
    let size = try FileStream(path).size
    return try NumPyArray(name: "", isStack: false, sliceLimit: options.slices, size: size) {
      () throws(DecodeFailure) in try FileStream(path)
    }
  }

  private static func members(_ path: String, _ options: ReadingOptions) throws(DecodeFailure) -> [NumPyArray] {
    let arrays = try ZipMembers.list(path).enumerated().filter { $0.element.name.hasSuffix(".npy") }
      .map { (index: $0.offset, name: String($0.element.name.dropLast(4)), size: $0.element.size) }
    var chosen = arrays.filter { $0.name.hasSuffix("images") }
    if chosen.isEmpty {
      chosen = arrays.filter { array in !["label", "mask", "target"].contains { array.name.lowercased().contains($0) } }
    }
    var found: [NumPyArray] = []
    var failure: DecodeFailure?
    for array in chosen {
      do throws(DecodeFailure) {
        found.append(
          try NumPyArray(name: array.name, isStack: true, sliceLimit: options.slices, size: array.size) {
            () throws(DecodeFailure) in try ZipMembers.stream(path, array.index)
          })
      } catch {
        // Names, numbers and other arrays that hold no pictures.
        if error.code != .noPixels { failure = failure ?? error }
      }
    }
    if let failure { throw failure }
    if found.isEmpty { throw DecodeFailure(.noPixels, "no array of pictures in the zip file") }
    return found
  }

  func picture(_ index: Int) throws(DecodeFailure) -> SourcePicture {
    var index = index
    var before = 0
    for array in arrays {
      if index >= array.pictures {
        index -= array.pictures
        before += array.items * array.slices
        continue
      }
      let place = array.place(index)
      let stored = try array.stored(place.frame)
      let (picture, rendering) = try array.rendered(stored)
      var facts = facts
      (facts.width, facts.height, facts.samples) = (array.columns, array.rows, array.samples)
      facts.bits = array.header.isBoolean ? 1 : 8 * array.header.type.width
      facts.rendering = rendering
      if facts.frames > 1 {
        facts.frame = before + place.frame
        let number = array.slices > 1 ? "\(place.item)/\(place.slice)" : String(place.item)
        facts.item = array.name.isEmpty ? number : "\(array.name)/\(number)"
      }
      return SourcePicture(stored: stored, picture: picture, facts: facts)
    }
    throw DecodeFailure(.noPixels, "no such picture")
  }
}
