import Tensors

/// Centres as one pass over the rows asks for them: in 64 bits, which decide, and in the asking form of `DistanceScreen`, which proposes.
///
/// The error of a proposal, at most ε (‖x‖ + ‖c‖)² ≤ 2ε‖x‖² + 2ε‖c‖², is split into a row's part and a centre's part, each with an
/// eighth more for the rounding of norms. Proposals
/// come out lowered by the centre's part, so that with e the row's part (`error(ofSquaredNorm:)`)
///
///     proposed − e ≤ true squared distance ≤ proposed + slack + e
///
/// and one far centre blurs no distance but its own.
struct KMeansQuestions: Sendable {
  let count: Int
  /// `count × columns` numbers.
  let values: [Double]
  /// `count × screen.width` numbers.
  let storage: [Float]
  /// Twice the centre's part of the error, rounded up.
  let slack: [Float]
  let screen: DistanceScreen

  init(_ values: [Double], count: Int, screen: DistanceScreen) {
    var storage = [Float](repeating: 0, count: count * screen.width)
    var slack = [Float](repeating: 0, count: count)
    values.withUnsafeBufferPointer { values in
      storage.withUnsafeMutableBufferPointer { storage in
        guard let values = values.baseAddress else { return }
        for i in 0..<count {
          let question = storage.baseAddress! + i * screen.width
          let norm = screen.ask(values + i * screen.columns, into: question)
          let error = 2.25 * screen.error(0, norm)
          question[screen.columns] = Float(norm * norm - error).nextDown
          slack[i] = Float(2 * error).nextUp
        }
      }
    }
    self.count = count
    self.values = values
    self.storage = storage
    self.slack = slack
    self.screen = screen
  }

  /// The row's part of the error, rounded up.
  func error(ofSquaredNorm square: Double) -> Float {
    Float(2.25 * screen.error(square.squareRoot(), 0)).nextUp
  }
}
