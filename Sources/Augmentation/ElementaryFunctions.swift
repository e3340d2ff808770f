import Tensors

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The C library's functions under names that don't collide with anything; this room's one place for the platform's import.
@inline(__always) func exponential(_ x: Double) -> Double { exp(x) }
@inline(__always) func logarithm(_ x: Double) -> Double { log(x) }
@inline(__always) func cosine(_ x: Double) -> Double { cos(x) }
@inline(__always) func sine(_ x: Double) -> Double { sin(x) }

extension RandomGenerator {
  /// Uniform in the logarithm: 1/2 and 2 are equally far from 1.
  mutating func logUniform(_ range: ClosedRange<Double>) -> Double {
    exponential(uniform(logarithm(range.lowerBound)...logarithm(range.upperBound)))
  }
}
