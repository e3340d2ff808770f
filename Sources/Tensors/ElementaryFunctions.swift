#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

// The C library's functions by their full names: the one place for the platform's import.

package func exponential(_ x: Double) -> Double { exp(x) }
package func exponential(_ x: Float) -> Float { expf(x) }
package func logarithm(_ x: Double) -> Double { log(x) }
package func logarithm(_ x: Float) -> Float { logf(x) }
package func power(_ x: Double, _ y: Double) -> Double { pow(x, y) }
package func power(_ x: Float, _ y: Float) -> Float { powf(x, y) }
package func sine(_ x: Double) -> Double { sin(x) }
package func sine(_ x: Float) -> Float { sinf(x) }
package func cosine(_ x: Double) -> Double { cos(x) }
package func angle(y: Double, x: Double) -> Double { atan2(y, x) }

/// Seconds that the calling thread has spent on a core.
func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
