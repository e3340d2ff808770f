import Records

/// What a slide's pixels measure, and who said so.
package struct KnownResolution: Sendable, Hashable {
  /// In the order in which they are believed.
  package enum Source: String, Sendable, CaseIterable {
    /// The slide's own header.
    case slide
    /// The user's table.
    case csv
    /// Nobody: the recipe's assumption.
    case assumed
  }

  package let value: SlideResolution
  package let source: Source

  /// The slide's word, else what `options` allow. An objective's power alone is no resolution: it says nothing of the camera.
  /// - Throws: `missing_mpp`.
  package init(stated: SlideResolution?, _ options: ReadingOptions) throws(DecodeFailure) {
    if let stated {
      value = stated
      source = .slide
      return
    }
    let policy = options.tiles.onMissingResolution
    if policy != .fail, let told = options.micrometresPerPixel, let known = SlideResolution(x: told, y: told) {
      value = known
      source = .csv
      return
    }
    let assumed = options.tiles.assumedMicrometresPerPixel
    if policy == .assume, let known = SlideResolution(x: assumed, y: assumed) {
      value = known
      source = .assumed
      return
    }
    throw DecodeFailure(
      .missingResolution,
      policy == .fail
        ? "the slide does not say how large its pixels are"
        : "neither the slide nor a table says how large its pixels are")
  }
}
