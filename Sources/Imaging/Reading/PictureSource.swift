import Records

/// An open file whose pictures are read one by one: what every reader of a format is.
///
/// A source lives in one decoder process and is used from one thread. Opening reads what is needed to know how many pictures there are, and no
/// more: files of a thousand frames or a hundred thousand tiles are read piece by piece.
package protocol PictureSource: AnyObject {
  /// What is true of the file as a whole: `kind`, full size, `frames` in the file, acquisition, identifiers.
  var facts: ImageFacts { get }
  /// How many pictures the reading options choose from the file, in the order of the file.
  var count: Int { get }
  /// Picture `index` of 0..<count. Deterministic: the same whatever was read before.
  func picture(_ index: Int) throws(DecodeFailure) -> SourcePicture
}

/// One picture of a source.
package struct SourcePicture: Sendable {
  /// As stored: see `StoredPixels`.
  package var stored: StoredPixels
  /// As looked at: upright, windowed, 0 black.
  package var picture: Picture
  /// The file's facts with what is this picture's own: `item`, `frame`, `seconds`, place, …
  package var facts: ImageFacts

  package init(stored: StoredPixels, picture: Picture, facts: ImageFacts) {
    self.stored = stored
    self.picture = picture
    self.facts = facts
  }
}

/// A file of one picture, already decoded.
final class SinglePicture: PictureSource {
  let facts: ImageFacts
  let count = 1
  private let content: SourcePicture

  init(_ content: SourcePicture) {
    self.content = content
    facts = content.facts
  }

  func picture(_ index: Int) throws(DecodeFailure) -> SourcePicture { content }
}
