extension GreyscaleTransform {
  /// What the levels of a frame say of shades. Tables win over numbers, the nearest level over the others, and of several
  /// windows or tables the first that can be used.
  ///
  /// An impossible window (no width, not a number) is as good as none. A LINEAR window narrower than 1, which PS3.3 C.11.2.1.2 forbids,
  /// is taken as LINEAR_EXACT, which writers of fractional values mean.
  init(_ description: PixelDescription, _ levels: [DICOMDataSet]) {
    modality =
      levels.nearest { level in
        if let table = level.items(.modalityLUTSequence).lazy.compactMap({
          LookupTable($0, isSigned: description.isSigned)
        }).first {
          return .table(table)
        }
        let slope = level.numbers(.rescaleSlope).first
        let intercept = level.numbers(.rescaleIntercept).first
        if slope == nil && intercept == nil { return nil }
        // A slope of 0 would erase the picture; no equipment means it.
        return .rescale(
          slope: slope.flatMap { $0.isFinite && $0 != 0 ? $0 : nil } ?? 1,
          intercept: intercept.flatMap { $0.isFinite ? $0 : nil } ?? 0)
      } ?? .rescale(slope: 1, intercept: 0)
    let hasNegatives = GreyscaleTransform.hasNegatives(modality, description)
    valuesOfInterest = levels.nearest { level in
      level.items(.voiLUTSequence).lazy.compactMap { LookupTable($0, isSigned: hasNegatives) }.first
        .map(ValuesOfInterest.table) ?? GreyscaleTransform.window(level)
    }
    presentation =
      levels.nearest { level in
        level.items(.presentationLUTSequence).lazy.compactMap { LookupTable($0, isSigned: false) }.first
          .map(Presentation.table)
      }
      // A shape of INVERSE repeats what MONOCHROME1 says (PS3.3 C.8.11.3.1.2): one inversion, not two.
      ?? (description.photometric == "MONOCHROME1"
        || levels.nearest { $0.code(.presentationLUTShape).isEmpty ? nil : $0.code(.presentationLUTShape) }
          == "INVERSE"
        ? .inverse : .identity)
  }

  /// The window of one level. PS3.3 C.11.2.1.2 and C.11.2.1.3.
  private static func window(_ level: DICOMDataSet) -> ValuesOfInterest? {
    let function = level.code(.voiLUTFunction)
    for (centre, width) in zip(level.numbers(.windowCentre), level.numbers(.windowWidth))
    where centre.isFinite && width.isFinite && width > 0 {
      switch function {
      case "SIGMOID": return .sigmoid(centre: centre, width: width)
      case "LINEAR_EXACT": return .ramp(low: centre - width / 2, high: centre + width / 2)
      default:
        if width < 1 { return .ramp(low: centre - width / 2, high: centre + width / 2) }
        return .ramp(low: centre - 0.5 - (width - 1) / 2, high: centre - 0.5 + (width - 1) / 2)
      }
    }
    return nil
  }

  /// Whether a word of 32,768 or more as first input of a VOI LUT is a negative number (PS3.3 C.11.2.1.1).
  private static func hasNegatives(_ modality: Modality, _ description: PixelDescription) -> Bool {
    guard case .rescale(let slope, let intercept) = modality else { return false }
    let span = Double(sign: .plus, exponent: min(max(description.bitsStored, 1), 64), significand: 1)
    let (least, greatest) = description.isSigned ? (-span / 2, span / 2 - 1) : (0, span - 1)
    return min(least * slope, greatest * slope) + intercept < 0
  }
}
