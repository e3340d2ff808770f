/// A colour as hue (0…360 degrees), saturation and value (0…1): the hexcone of Smith 1978.
struct HSVColour {
  let hue: Float
  let saturation: Float
  let value: Float

  /// From red, green and blue of 0…255.
  @inline(__always)
  init(_ red: Float, _ green: Float, _ blue: Float) {
    let most = max(red, green, blue)
    let span = most - min(red, green, blue)
    value = most / 255
    saturation = most > 0 ? span / most : 0
    if span <= 0 {
      hue = 0
    } else if most == red {
      let turn = (green - blue) / span
      hue = 60 * (turn < 0 ? turn + 6 : turn)
    } else if most == green {
      hue = 60 * ((blue - red) / span + 2)
    } else {
      hue = 60 * ((red - green) / span + 4)
    }
  }

  /// Difference of greatest and least of the three, over 255.
  var chroma: Float { saturation * value }
}
