/// Whether a mean colour is that of a marker pen on the glass: rules of hue, saturation and darkness for green, blue, red and black ink.
///
/// Stained tissue is purple, pink, brown or blue. No stain in use is green; blue and red ink are more saturated than any stain's average over some
/// micrometres; black ink has no colour, and is darker and more even than reticulin or pigment. The rules want colours averaged over about 8 µm,
/// where single cells don't show.
enum PenInk {
  /// - Parameter unevenness: standard deviation of grey (0…1) within the square that was averaged; ink is even.
  @inline(__always)
  static func isInk(_ colour: HSVColour, unevenness: Float) -> Bool {
    let (hue, saturation, value) = (colour.hue, colour.saturation, colour.value)
    if hue >= 75 && hue < 180 && saturation > 0.3 && value < 0.8 { return true }
    if unevenness >= 0.06 { return false }
    if hue >= 190 && hue < 240 && saturation > 0.58 { return true }
    if (hue >= 345 || hue < 20) && saturation > 0.72 { return true }
    return value < 0.36 && colour.chroma < 0.13
  }
}
