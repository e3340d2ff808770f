/// Sets of points that are hard on searches for neighbours, each in its own way.
public enum ScatteredPoints: CaseIterable, Sendable {
  /// One Gaussian.
  case gaussian
  /// A uniform cube.
  case cube
  /// Whole numbers from few: masses of equal distances.
  case grid
  /// Few places, each taken many times.
  case duplicates
  /// Gaussian, some rows very far out.
  case outliers
  /// Far from the origin: differences are few of a number's bits.
  case offset
  /// All in one place.
  case coincident
  /// Columns of very unequal spread.
  case flat

  /// `rows × columns` numbers; `uniform` draws from 0..<1.
  public func numbers(rows: Int, columns: Int, uniform: () -> Double) -> [Float] {
    func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + uniform() } }
    func all(_ draw: (_ column: Int) -> Double) -> [Float] {
      (0..<rows).flatMap { _ in (0..<columns).map { Float(draw($0)) } }
    }
    switch self {
    case .gaussian: return all { _ in normal() }
    case .cube: return all { _ in uniform() }
    case .grid: return all { _ in (uniform() * 4).rounded(.down) }
    case .duplicates:
      let places = (0..<max(rows / 8, 1)).map { _ in (0..<columns).map { _ in Float(normal()) } }
      return (0..<rows).flatMap { _ in places[Int(uniform() * Double(places.count))] }
    case .outliers:
      return (0..<rows).flatMap { _ in
        let reach = uniform() < 0.03 ? 1e6 : 1
        return (0..<columns).map { _ in Float(normal() * reach) }
      }
    case .offset: return all { _ in 1e6 + normal() }
    case .coincident: return all { 3 + Double($0) }
    case .flat: return all { column in normal() * (column % 2 == 0 ? 1e4 : 1e-4) }
    }
  }
}
