public import Clustering

/// How many groups there are, in words and figures: for the page and the terminal.
public struct CountSentence: Sendable, Hashable, Codable {
  /// `structure`, `noStructure` or `cannotTell`.
  public let verdict: String
  public let estimate: Int
  /// Plausible numbers of groups, at 95 %.
  public let least: Int
  public let most: Int
  public let sentence: String

  /// Whether all images were made one group because nothing parts them.
  public var isWithoutStructure: Bool { verdict == ClusterCount.Verdict.noStructure.rawValue }

  public init(_ count: ClusterCount) {
    verdict = count.verdict.rawValue
    estimate = count.estimate
    (least, most) = (count.plausible.lowerBound, count.plausible.upperBound)
    var sentences: [String]
    let plausible =
      least == most ? "no other number is plausible" : "\(least) to \(most) are plausible (95 %)"
    switch count.verdict {
    case .structure:
      let certain =
        count.apart >= count.estimate
        ? "All of them stand apart" : "\(Wording.count(count.apart)) of them at least stand apart beyond doubt"
      sentences = ["The images show groups: \(estimate) fit best, \(plausible).", "\(certain)."]
    case .noStructure:
      sentences = [
        "No structure: nothing thins out between groups, however many are tried (p \(Wording.decimal(count.pValue))), so all images are one group."
      ]
    case .cannotTell:
      sentences = [
        "It can’t be told whether the images fall into groups: \(estimate) was taken, \(plausible)."
      ]
    }
    sentences += count.remarks.map(CountSentence.sentence)
    sentence = sentences.joined(separator: " ")
  }

  private static func sentence(_ remark: ClusterCount.Remark) -> String {
    switch remark {
    case .fewRows(let rows): "\(Wording.count(rows, "image")) are few: only gross structure could show."
    case .fewDistinctRows(let rows): "There are no more than \(Wording.count(rows)) different vectors."
    case .constantColumns(let columns):
      "\(Wording.count(columns, "column")) of the vectors \(columns == 1 ? "holds" : "hold") one value only."
    case .sampled(let rows): "Judged by a random \(Wording.count(rows)) of them."
    case .nested(let coarse, let fine):
      "There are groups within groups: \(coarse) stand out most, \(fine) still stand apart."
    case .atLargestCandidate(let k): "\(k) is the most that was tried; there may be more."
    }
  }
}
