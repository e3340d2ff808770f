import Foundation

/// From a stored value to a shade of 0…1, in the order of PS3.4 N.2: modality (rescale or table), values of interest (window or
/// table), and last the inversion of MONOCHROME1.
struct GreyscaleTransform {
  enum Modality {
    case rescale(slope: Double, intercept: Double)
    case table(LookupTable)
  }

  /// PS3.3 C.11.2.1: `linear` is the default function of a window.
  enum ValuesOfInterest {
    case table(LookupTable)
    case linear(centre: Double, width: Double)
    case linearExact(centre: Double, width: Double)
    case sigmoid(centre: Double, width: Double)
    case percentiles(PercentileWindow)
  }

  var modality: Modality
  /// nil: the file names none, and a percentile window is to be found from the pixels.
  var valuesOfInterest: ValuesOfInterest?
  var isInverted: Bool

  /// The value in the modality's own unit (Hounsfield, …).
  func modalityValue(_ stored: Int) -> Double {
    switch modality {
    case .rescale(let slope, let intercept): Double(stored) * slope + intercept
    case .table(let table): Double(table(stored))
    }
  }

  /// The shade of a modality value. - Precondition: `valuesOfInterest` is set.
  func shade(_ value: Double) -> Float {
    guard let valuesOfInterest else { preconditionFailure("no window was settled") }
    let shade: Double =
      switch valuesOfInterest {
      case .table(let table): min(Double(table(value)) / table.maximum, 1)
      case .linear(let centre, let width): ramp(value, centre: centre - 0.5, width: width - 1)
      case .linearExact(let centre, let width): ramp(value, centre: centre, width: width)
      case .sigmoid(let centre, let width): 1 / (1 + exp(-4 * (value - centre) / width))
      case .percentiles(let window): window(value)
      }
    return Float(isInverted ? 1 - shade : shade)
  }

  private func ramp(_ value: Double, centre: Double, width: Double) -> Double {
    if value <= centre - width / 2 { return 0 }
    if value > centre + width / 2 { return 1 }
    return (value - centre) / width + 0.5
  }
}
