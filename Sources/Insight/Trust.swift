/// How sure one may be that a group is there: a grade from A to E and the sentence that says why.
///
/// The grade judges the *shape* of the group in the space of features. It can't say what the group means, nor whether the
/// features show an organ or a scanner; `MetadataProfile` warns of the latter.
public struct Trust: Sendable, Hashable {
  public let grade: Grade
  /// The grade in words, with the measured reasons and what was not measured.
  public let sentence: String

  public enum Grade: String, Sendable, Hashable, CaseIterable, Comparable {
    case a = "A"
    case b = "B"
    case c = "C"
    case d = "D"
    case e = "E"

    /// A better grade is the lesser one, as letters are.
    public static func < (a: Grade, b: Grade) -> Bool { a.rawValue < b.rawValue }

    public var meaning: String {
      switch self {
      case .a: "Very likely a real group"
      case .b: "Probably a real group"
      case .c: "Perhaps a real group"
      case .d: "Doubtful"
      case .e: "Not to be relied on"
      }
    }

    fileprivate func worse(by steps: Int) -> Grade {
      let all = Grade.allCases
      return all[min(all.firstIndex(of: self)! + steps, all.count - 1)]
    }
  }

  /// The least values of the four better grades; below the last is E.
  public struct Threshold: Sendable, Hashable {
    public let measure: String
    public let least: [Double]
    public let source: String

    fileprivate func grade(_ value: Double) -> Grade {
      Grade.allCases[least.firstIndex { value >= $0 } ?? least.count]
    }
  }

  public static let stabilityThreshold = Threshold(
    measure: "Stability", least: [0.85, 0.75, 0.6, 0.5],
    source: "clusterwise Jaccard over resamples (Hennig 2007)")
  public static let silhouetteThreshold = Threshold(
    measure: "Silhouette", least: [0.5, 0.25, 0.1, 0],
    source: "mean over members (Rousseeuw 1987)")
  public static let marginThreshold = Threshold(
    measure: "Margin", least: [1.25, 1, 0.75, 0.5],
    source: "distance of means over summed spreads (Davies, Bouldin 1979)")
  /// Groups smaller than this lose a grade: a handful of images can look tight by luck.
  public static let smallGroup = 10

  /// The rule in words, one sentence an item, for the page.
  public static let rule = [
    "Stability asks whether the same images come together again when the archive is resampled.",
    "Silhouette and margin ask whether the group stands apart; the kinder of the two counts, because neither is fair to every shape of group.",
    "The grade is the worse of these two answers.",
    "Where stability was not measured the grade is that of the shape alone, and B at best.",
    "A group of fewer than \(smallGroup) images loses one grade, and the only group of a clustering can't be graded above C: there is nothing to stand apart from.",
    "The grade is about the group, not about its meaning: a scanner or a hospital can make a group as clear as an organ does.",
  ]

  /// Grades a group. `nearest` is the group that the margin was measured against.
  public init(size: Int, stability: Double?, silhouette: Double?, margin: Double?, nearest: Int?) {
    let shapes = [
      silhouette.map { Trust.silhouetteThreshold.grade($0) }, margin.map { Trust.marginThreshold.grade($0) },
    ].compactMap { $0 }
    let shape = shapes.min()
    let steady = stability.map { Trust.stabilityThreshold.grade($0) }
    var grade: Grade
    switch (shape, steady) {
    case (let shape?, let steady?): grade = max(shape, steady)
    case (let shape?, nil): grade = max(shape, .b)
    case (nil, let steady?): grade = max(steady, .c)
    case (nil, nil): grade = .d
    }
    let isSmall = size < Trust.smallGroup
    if isSmall { grade = grade.worse(by: 1) }
    self.grade = grade

    var reasons: [String] = []
    if let steady, let stability { reasons.append(Trust.steadiness(steady, stability)) }
    if let shape { reasons.append(Trust.apartness(shape, nearest)) }
    var hedges: [String] = []
    if steady == nil { hedges.append("Stability was not measured.") }
    if shape == nil { hedges.append("There is no other group to stand apart from.") }
    if isSmall { hedges.append("It is small: a handful can look alike by luck.") }
    // "and" joins reasons that point the same way, "but" those that don't.
    let join = reasons.count == 2 && (shape! <= .b) != (steady! <= .b) ? ", but " : ", and "
    let because = reasons.isEmpty ? "" : ": " + reasons.joined(separator: join)
    sentence = ([grade.meaning + because + "."] + hedges).joined(separator: " ")
  }

  private static func steadiness(_ grade: Grade, _ value: Double) -> String {
    let figure = "(stability \(Wording.decimal(value)))"
    switch grade {
    case .a: return "the same images come together again in nearly every resample \(figure)"
    case .b: return "most of it comes back when the archive is resampled \(figure)"
    case .c: return "its core comes back in resamples but its edge moves \(figure)"
    case .d: return "it often changes when the archive is resampled \(figure)"
    case .e: return "it falls apart when the archive is resampled \(figure)"
    }
  }

  private static func apartness(_ grade: Grade, _ nearest: Int?) -> String {
    let other = nearest.map { "group \($0)" } ?? "the others"
    switch grade {
    case .a: return "it stands well clear of \(other), the hardest to tell it from"
    case .b: return "it stands apart from \(other), the hardest to tell it from"
    case .c: return "it touches \(other)"
    case .d: return "it overlaps with \(other)"
    case .e: return "it can hardly be told from \(other)"
    }
  }
}
