public import Records

extension SlideCoordinates {
  /// The coordinates of tiles of one slide; nil where there are none.
  /// - Parameters: `name` is the slide's, without folder and extension; `tiles` are in the order of the embeddings.
  public init?(name: String, tiles: [TilePlace], options: TileOptions) {
    guard let first = tiles.first else { return nil }
    self.init(
      name: name, corners: tiles.map { Corner(x: $0.x, y: $0.y) }, tileSize: options.size,
      levelZeroSize: first.levelZeroSize, overlap: options.overlap, width: first.slideWidth, height: first.slideHeight,
      slideMicrometresPerPixel: first.slideMicrometresPerPixel, micrometresPerPixel: options.micrometresPerPixel)
  }
}
