extension RandomGenerator {
  /// Uniform in the logarithm: 1/2 and 2 are equally far from 1.
  package mutating func logUniform(_ range: ClosedRange<Double>) -> Double {
    exponential(uniform(logarithm(range.lowerBound)...logarithm(range.upperBound)))
  }
}
