#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The C library's functions under names that don't collide with anything; one place for the platform's import.
@inline(__always) func logarithm(_ x: Double) -> Double { log(x) }
