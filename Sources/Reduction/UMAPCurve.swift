import Tensors

/// The similarity of two places of a layout, 1 / (1 + a · D^2b), fitted to one that is 1 up to `minDist` and fades exponentially
/// beyond (umap-learn's `find_ab_params`).
public struct UMAPCurve: Sendable, Equatable {
  public let a, b: Double

  /// Least squares at 300 even distances up to three times `spread`, by Levenberg's and Marquardt's damped steps.
  /// - Precondition: `spread > 0`, `minDist >= 0`.
  public init(minDist: Double, spread: Double) {
    precondition(spread > 0 && minDist >= 0, "a least distance of \(minDist), a spread of \(spread)")
    let xs = (0..<300).map { Double($0) / 299 * 3 * spread }
    let ys = xs.map { $0 < minDist ? 1 : exponential(-($0 - minDist) / spread) }
    var (a, b) = (1.0, 1.0)
    var (damping, error) = (1e-3, Self.error(a, b, xs, ys))
    for _ in 0..<500 {
      // The normal equations: g = Jᵀr, h = JᵀJ. At distance 0 the curve is 1 whatever a and b are.
      var (ga, gb, haa, hab, hbb) = (0.0, 0.0, 0.0, 0.0, 0.0)
      for (x, y) in zip(xs, ys) where x > 0 {
        let p = power(x, 2 * b)
        let f = 1 / (1 + a * p)
        let (da, db) = (-f * f * p, -f * f * a * p * 2 * logarithm(x))
        ga += da * (y - f)
        gb += db * (y - f)
        haa += da * da
        hab += da * db
        hbb += db * db
      }
      let (maa, mbb) = (haa * (1 + damping), hbb * (1 + damping))
      let determinant = maa * mbb - hab * hab
      let (stepA, stepB) = ((ga * mbb - gb * hab) / determinant, (gb * maa - ga * hab) / determinant)
      let next = Self.error(a + stepA, b + stepB, xs, ys)
      if a + stepA > 0 && next <= error {
        (a, b, error, damping) = (a + stepA, b + stepB, next, damping / 10)
        if abs(stepA) <= 1e-10 * a && abs(stepB) <= 1e-10 * abs(b) { break }
      } else {
        damping *= 10
        if damping > 1e12 { break }
      }
    }
    self.a = a
    self.b = b
  }

  private static func error(_ a: Double, _ b: Double, _ xs: [Double], _ ys: [Double]) -> Double {
    zip(xs, ys).reduce(0) {
      let difference = 1 / (1 + a * power($1.0, 2 * b)) - $1.1
      return $0 + difference * difference
    }
  }
}
