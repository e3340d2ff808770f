import Insight
import Records

/// The first screen: what the archive is, what was found, how sure, and what was refused.
extension Page {
  func overview() -> Markup {
    """
    <header class="hero" id="overview"><p class="kicker">Report on an unlabelled archive</p><h1><bdi>\(report.title)</bdi></h1>
    <p class="verdict">\(report.verdict.sentence)</p>
    \(tiles())\(compositions())</header>

    """
  }

  private func tiles() -> Markup {
    let patients = Set(report.images.map(\.patient).filter { !$0.isEmpty }).count
    let kinds = Dictionary(grouping: report.images, by: \.kind).mapValues(\.count)
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let imageNote =
      (patients > 0 ? "\(Wording.count(patients, "patient")) · " : "")
      + Wording.list(kinds.map(\.key), limit: 3)
    let groupNote = report.clusterings.map { "\(Wording.count($0.summary.groups.count)) by \($0.name)" }
    let picture = report.map.isEmpty ? "groups" : "map"
    var tiles = [tile("Images", Wording.count(report.images.count), imageNote, picture)]
    if let headline {
      tiles.append(
        tile(
          headline.summary.groups.count == 1 ? "Group" : "Groups", Wording.count(headline.summary.groups.count),
          report.clusterings.count > 1 ? groupNote.joined(separator: " · ") : "by \(headline.method)", "groups"))
      tiles.append(
        tile(
          "In trusted groups", Wording.percent(headline.summary.trustedShare), "graded A or B", "groups"))
      let noise = report.clusterings.filter { $0.summary.noise > 0 }.map {
        "\(Wording.percent($0.summary.noiseShare)) by \($0.name)"
      }
      tiles.append(
        tile(
          "Noise", Wording.percent(headline.summary.noiseShare),
          headline.summary.noise > 0
            ? "\(Wording.count(headline.summary.noise, "image")) in no group"
            : noise.isEmpty ? "every image has a group" : noise.joined(separator: " · "), picture))
    }
    let reasons = Page.reasons(of: report.rejections)
    tiles.append(
      tile(
        "Rejected", Wording.count(report.rejections.count),
        reasons.isEmpty
          ? "every file was read"
          : Wording.list(reasons.map { "\(Wording.count($0.count)) \($0.code.rawValue.spaced)" }, limit: 3), "files"))
    if copies > 0 { tiles.append(tile("Exact copies", Wording.count(copies), "look the same to the bit", "copies")) }
    return "<div class=\"tiles\">\(tiles)</div>\n"
  }

  private func tile(_ name: String, _ value: String, _ note: String, _ target: String) -> Markup {
    "<a class=\"tile\" href=\"#\(target)\"><span class=\"name\">\(name)</span><span class=\"value\">\(value)</span><span class=\"small\">\(note)</span></a>"
  }

  /// A bar a clustering, cut into its groups.
  private func compositions() -> Markup {
    let bars = report.clusterings.map { step -> Markup in
      let parts = step.summary.groups.map { group -> Markup in
        let name = "\(title(step, group.group)): \(Wording.count(group.size, "image")), \(Wording.percent(group.share))"
        return
          "<a class=\"part \(Palette.style(group.group))\" style=\"flex-grow:\(group.size)\" href=\"#\(anchor(step, group.group))\" title=\"\(name)\" aria-label=\"\(name)\">\(group.share >= 0.04 ? "\(group.group)" : "")</a>"
      }
      let noise: Markup =
        step.summary.noise > 0
        ? "<span class=\"part noise\" style=\"flex-grow:\(step.summary.noise)\" title=\"Noise: \(Wording.count(step.summary.noise, "image"))\">\(step.summary.noiseShare >= 0.08 ? "noise" : "")</span>"
        : ""
      return "<div class=\"bar\"><code>\(step.name)</code><div class=\"parts\">\(parts)\(noise)</div></div>\n"
    }
    return "<div class=\"bars\" role=\"group\" aria-label=\"Sizes of the groups\">\(bars)</div>"
  }

  /// A group's number, with the name that a reviewer gave it.
  func title(_ step: Report.ClusteringStep, _ group: Int) -> String {
    guard step.names.indices.contains(group), let name = step.names[group] else { return "Group \(group)" }
    return "Group \(group) · \(name)"
  }

  func anchor(_ step: Report.ClusteringStep, _ group: Int) -> String { "\(Escape.identifier(step.name))-\(group)" }

  /// Reason codes with their counts, the most frequent first.
  static func reasons(of rejections: [Rejection]) -> [(code: Rejection.Code, count: Int)] {
    Rejection.Code.allCases.map { code in (code, rejections.count { $0.code == code }) }.filter { $0.1 > 0 }
      .enumerated().sorted { ($1.element.1, $0.offset) < ($0.element.1, $1.offset) }.map(\.element)
  }
}

extension String {
  /// `unknown_format` as words.
  var spaced: String { replacing("_", with: " ") }
}
