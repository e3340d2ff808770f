#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The C library's functions by their full names; one place for the platform's import.
@inline(__always) func exponential(_ x: Double) -> Double { exp(x) }
@inline(__always) func exponential(_ x: Float) -> Float { expf(x) }
@inline(__always) func logarithm(_ x: Float) -> Float { logf(x) }
@inline(__always) func power(_ x: Float, _ y: Float) -> Float { powf(x, y) }
@inline(__always) func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
@inline(__always) func sine(_ x: Double) -> Double { sin(x) }
@inline(__always) func sine(_ x: Float) -> Float { sinf(x) }
@inline(__always) func cosine(_ x: Double) -> Double { cos(x) }
@inline(__always) func angle(y: Double, x: Double) -> Double { atan2(y, x) }
