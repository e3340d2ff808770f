import Foundation

/// Angles in degrees.
enum Angle {
  /// 0…180 of a sine that is not negative and a cosine.
  static func degrees(sine: Double, cosine: Double) -> Double { atan2(sine, cosine) * 180 / .pi }
}
