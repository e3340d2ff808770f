import Foundation

/// From a stored number to a shade of 0…1, in the order of PS3.4 N.2: modality (rescale or table), values of interest (window or
/// table), and last the presentation: the inversion of MONOCHROME1, or a table.
struct GreyscaleTransform: Sendable, Hashable {
  enum Modality: Sendable, Hashable {
    case rescale(slope: Double, intercept: Double)
    case table(LookupTable)
  }

  /// PS3.3 C.11.2. Windows of the functions LINEAR and LINEAR_EXACT, and those of percentiles, are ramps from 0 at `low` to 1 at `high`.
  enum ValuesOfInterest: Sendable, Hashable {
    case table(LookupTable)
    case ramp(low: Double, high: Double)
    case sigmoid(centre: Double, width: Double)
  }

  /// PS3.3 C.11.4, C.11.6.
  enum Presentation: Sendable, Hashable {
    case identity, inverse
    case table(LookupTable)
  }

  var modality: Modality
  /// nil: the file names none, and a percentile window is to be found from the pixels.
  var valuesOfInterest: ValuesOfInterest?
  var presentation: Presentation

  /// The value in the modality's own unit (Hounsfield, …).
  func modalityValue(_ stored: Double) -> Double {
    switch modality {
    case .rescale(let slope, let intercept): stored * slope + intercept
    case .table(let table): Double(table(stored))
    }
  }

  /// The shade of a stored number; of NaN 0. - Precondition: `valuesOfInterest` is set.
  func shade(_ stored: Double) -> Float {
    guard let valuesOfInterest else { preconditionFailure("no window was settled") }
    let value = modalityValue(stored)
    if value.isNaN { return 0 }
    let shade =
      switch valuesOfInterest {
      case .table(let table): Double(table(value)) / table.maximum
      case .ramp(let low, let high): GreyscaleTransform.ramp(value, low, high)
      case .sigmoid(let centre, let width): 1 / (1 + exp(-4 * (value - centre) / width))
      }
    return presented(shade)
  }

  /// The shades of the stored numbers `first`, `first + 1`, …: equal to `shade` of each, and faster for the usual windows.
  func shades(from first: Int, into target: UnsafeMutableBufferPointer<Float>) {
    guard case .rescale(let slope, let intercept) = modality, case .ramp(let low, let high)? = valuesOfInterest,
      presentation == .identity || presentation == .inverse
    else {
      for i in target.indices { target[i] = shade(Double(first + i)) }
      return
    }
    let (sign, offset): (Double, Double) = presentation == .inverse ? (-1, 1) : (1, 0)
    for i in target.indices {
      let value = Double(Int32(truncatingIfNeeded: first &+ i)) * slope + intercept
      target[i] = Float(offset + sign * GreyscaleTransform.ramp(value, low, high))
    }
  }

  /// A step where `low` and `high` are one: what lies above is white.
  @inline(__always)
  private static func ramp(_ value: Double, _ low: Double, _ high: Double) -> Double {
    if low == high { return value > low ? 1 : 0 }
    let shade = (value - low) / (high - low)
    // Not a number, out of numbers beyond all bounds, is 0.
    return shade > 0 ? (shade < 1 ? shade : 1) : 0
  }

  private func presented(_ shade: Double) -> Float {
    switch presentation {
    case .identity: Float(shade)
    case .inverse: Float(1 - shade)
    case .table(let table):
      // The entries stand evenly over the range of what comes in.
      Float(Double(table(Double(table.first) + shade * Double(table.entries.count - 1))) / table.maximum)
    }
  }
}
