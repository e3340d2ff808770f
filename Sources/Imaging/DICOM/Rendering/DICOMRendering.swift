/// From stored numbers to shades, for grey and colour: the one face of this folder.
///
/// `StoredPixels` hold numbers: stored bits and sign are dealt with (`SampleLayout`), YBR is RGB, overlays in unused bits are gone. Overlay planes (60xx)
/// are never drawn.
///
/// **Files that name no window** get one from the pixels (`PercentileWindow`). A single picture or a frame of a clip has its own. The frames of a volume
/// share one, or a slice of air would be blown up to noise: `windowFrames` says which frames it is worked out from, a fixed sample, and
/// `values` of these together make the window.
package enum DICOMRendering {
  /// - Parameter window: the shared window of a volume; nil for the frame's own.
  /// - Throws: `unsupported_encoding`, `corrupt`.
  /// - Complexity: O(65,536) for samples of up to 16 bits with a window, else O(pixels).
  package static func tone(
    for stored: StoredPixels, _ description: PixelDescription, _ levels: [DICOMDataSet],
    window: PercentileWindow? = nil
  ) throws(DecodeFailure) -> (tone: Tone, rendering: Rendering) {
    guard isGrey(stored, description) else {
      return (try ColourRendering.tone(for: stored, description, levels), .stored)
    }
    let rendering = GreyscaleRendering(description, levels)
    return (rendering.tone(for: stored, window: window), rendering.rendering)
  }

  /// Whether the frame is grey and its levels name no window and no table.
  package static func needsWindow(
    _ description: PixelDescription, _ levels: [DICOMDataSet]
  ) -> Bool {
    description.photometric.hasPrefix("MONOCHROME") && GreyscaleRendering(description, levels).needsWindow
  }

  /// The modality values of a grey frame, without padding: what a shared window is made of.
  package static func values(
    of stored: StoredPixels, _ description: PixelDescription, _ levels: [DICOMDataSet]
  ) -> CountedValues {
    isGrey(stored, description) ? GreyscaleRendering(description, levels).values(of: stored) : CountedValues()
  }

  /// The frames of a volume that its window is worked out from: nine at most, from the middles of equal stretches, and fewer where they are large.
  package static func windowFrames(of count: Int, pixels: Int) -> [Int] {
    EvenSpread.places(max(1, min(9, 16_777_216 / max(pixels, 1))), of: count)
  }

  private static func isGrey(_ stored: StoredPixels, _ description: PixelDescription) -> Bool {
    stored.samples == 1 && description.photometric.hasPrefix("MONOCHROME")
  }
}
