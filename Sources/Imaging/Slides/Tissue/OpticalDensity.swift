import Foundation

/// How much light a sample keeps back: −ln((v + 1) / 256) for a value v of 0…255, so that black stays finite.
enum OpticalDensity {
  /// Of every 8-bit value.
  static let table: [Float] = (0..<256).map { -Float(log((Double($0) + 1) / 256)) }

  /// The densities of three channels of 0…255 together.
  static func sum(_ red: Float, _ green: Float, _ blue: Float) -> Float {
    -log((red + 1) / 256) - log((green + 1) / 256) - log((blue + 1) / 256)
  }
}
