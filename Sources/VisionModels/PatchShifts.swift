/// The places a grid of patches can be laid on an image: crops one patch smaller than the image, moved by fractions of a patch.
///
/// A vision transformer knows an image moved by a whole patch for much the same, but not one moved by half a patch: what falls on a patch's
/// border is cut. How the grid happens to fall on an image is then a part of its vector, and with patches that are
/// large against the image (8 of 64 pixels) a large part. The mean of the vectors over all falls of the grid has none of it,
/// for the price of `count`² passes: the averaging that anti-aliasing does within convolutional networks (Zhang 2019, "Making
/// convolutional networks shift-invariant again", arXiv 1904.11486), done outside of a network that is left as it is.
struct PatchShifts {
  /// Upper left corner of a crop, in pixels from that of the image.
  struct Corner: Hashable {
    let y: Int
    let x: Int
  }

  let side: Int
  let cropSide: Int
  /// Row by row.
  let corners: [Corner]

  /// - Parameter count: along each axis; 1 is the image itself, whole.
  /// - Precondition: `1 <= count <= patch`, and an image of two patches or more unless `count` is 1.
  init(side: Int, patch: Int, count: Int) {
    precondition(count >= 1 && count <= patch, "\(count) shifts of a patch of \(patch) pixels")
    precondition(count == 1 || side >= 2 * patch, "an image of \(side) pixels has one patch of \(patch)")
    self.side = side
    cropSide = count == 1 ? side : side - patch
    let offsets = (0..<count).map { $0 * patch / count }
    corners = offsets.flatMap { y in offsets.map { x in Corner(y: y, x: x) } }
  }

  /// Copies the crops at one corner of `count` images [count, 3, side, side] into `crops` [count, 3, cropSide, cropSide].
  func cut(
    _ images: UnsafePointer<Float>, count: Int, at corner: Corner, into crops: UnsafeMutablePointer<Float>
  ) {
    for plane in 0..<3 * count {
      for row in 0..<cropSide {
        (crops + (plane * cropSide + row) * cropSide).update(
          from: images + (plane * side + corner.y + row) * side + corner.x, count: cropSide)
      }
    }
  }
}
