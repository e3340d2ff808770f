/// What was found and how sure, in one sentence or two, for the top of the page.
public struct Verdict: Sendable, Hashable {
  public let sentence: String

  /// - Parameters:
  ///   - summary: of the clustering that the archive is sorted by.
  ///   - agreement: adjusted Rand index with another clustering of the same points, and its name, where there is one.
  ///   - count: what was found about how many groups there are, where that was asked.
  public init(
    of summary: PartitionSummary, agreement: (name: String, adjustedRandIndex: Double)? = nil,
    count: CountSentence? = nil
  ) {
    let groups = summary.groups.count
    if let count, count.isWithoutStructure {
      sentence = count.sentence
      return
    }
    if groups == 0 {
      sentence =
        "No groups were found in \(Wording.count(summary.rows, "image")): at these settings the archive shows no structure "
        + "that can be told from noise."
      return
    }
    let trusted = summary.groups.count { $0.trust.grade <= .b }
    let perhaps = summary.count(.c)
    let weak = groups - trusted - perhaps
    var text = "\(Wording.count(summary.rows, "image")) fall into \(Wording.count(groups, "group"))"
    if trusted == groups {
      text += groups == 1 ? ", and it stands up" : groups == 2 ? ", and both stand up" : ", and all of them stand up"
    } else if trusted == 0 && perhaps == 0 {
      text += ", but none of them can be relied on: the archive may have no clear structure at these settings"
    } else {
      let parts = [
        trusted > 0 ? "\(Wording.count(trusted)) \(trusted == 1 ? "stands" : "stand") up" : "",
        perhaps > 0 ? "\(Wording.count(perhaps)) \(perhaps == 1 ? "needs" : "need") a closer look" : "",
        weak > 0 ? "\(Wording.count(weak)) \(weak == 1 ? "is" : "are") doubtful" : "",
      ].filter { !$0.isEmpty }
      text += ": " + Wording.list(parts)
    }
    text += summary.noise > 0 ? ". \(Wording.percent(summary.noiseShare)) of the images fit no group." : "."
    if let agreement { text += " " + Verdict.agreementSentence(agreement.name, agreement.adjustedRandIndex) }
    sentence = text
  }

  private static func agreementSentence(_ name: String, _ value: Double) -> String {
    let figure = "(ARI \(Wording.decimal(value)))"
    switch value {
    case 0.8...: return "A second method, \(name), sorts them almost the same way \(figure)."
    case 0.5..<0.8: return "A second method, \(name), agrees in the main \(figure)."
    case 0.2..<0.5: return "A second method, \(name), agrees only in part \(figure): treat the borders as open."
    default: return "A second method, \(name), sorts them differently \(figure): treat the groups as open."
    }
  }
}
