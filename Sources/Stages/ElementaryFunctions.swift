import Foundation

/// The natural logarithm, under a name that collides with nothing.
func logarithm(_ x: Double) -> Double { log(x) }
