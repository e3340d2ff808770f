/// One concrete thing to do with the result, worth doing first when it stands first.
public struct NextStep: Sendable, Hashable {
  public let title: String
  public let detail: String
  /// The groups it is about, of the clustering the archive is sorted by.
  public let groups: [Int]

  public init(title: String, detail: String, groups: [Int] = []) {
    self.title = title
    self.detail = detail
    self.groups = groups
  }
}

extension NextStep {
  /// What the findings suggest, in the order to do it.
  /// - Parameters:
  ///   - summary, profiles: of the clustering that the archive is sorted by; profiles may be empty.
  ///   - agreement: of that clustering (first) with another (second), and the other's name.
  ///   - copies: how many images repeat the pixels of another.
  ///   - rejected: how many files were refused.
  public static func suggestions(
    for summary: PartitionSummary, profiles: [MetadataProfile], agreement: (name: String, value: Agreement)? = nil,
    copies: Int = 0, rejected: Int = 0
  ) -> [NextStep] {
    if summary.groups.isEmpty { return [noGroups] + [filesToMend(rejected, summary.rows)].compactMap { $0 } }
    return [
      filesToMend(rejected, summary.rows), copiesToRemove(copies), labelMedoids(summary), suspects(profiles),
      weakGroups(summary), agreement.map { split(by: $0.value, named: $0.name) } ?? nil,
      merge(summary, agreement?.value), noise(summary), stability(summary),
    ].compactMap { $0 }
  }

  private static let noGroups = NextStep(
    title: "Loosen the settings",
    detail:
      "Everything is noise. Lower min_cluster_size and min_samples, or ask k-means for a few groups and look at its medoids."
  )

  private static func filesToMend(_ rejected: Int, _ rows: Int) -> NextStep? {
    if rejected == 0 || Double(rejected) < 0.01 * Double(rows + rejected) { return nil }
    return NextStep(
      title: "Read why \(Wording.count(rejected, "file was", "files were")) refused",
      detail:
        "\(Wording.percent(Double(rejected) / Double(rows + rejected))) of the archive is not in these groups. The reasons are listed below and in rejected.csv."
    )
  }

  private static func copiesToRemove(_ copies: Int) -> NextStep? {
    if copies == 0 { return nil }
    return NextStep(
      title: "Set aside \(Wording.count(copies, "exact copy", "exact copies"))",
      detail:
        "They repeat the pixels of another image. Keep them out of training and test sets, or at least on the same side."
    )
  }

  private static func labelMedoids(_ summary: PartitionSummary) -> NextStep {
    let order = summary.groups.sorted { ($1.size, $0.group) < ($0.size, $1.group) }
    let covered = order.reduce(0) { $0 + $1.share }
    return NextStep(
      title: "Name \(Wording.count(order.count, "medoid")) first",
      detail:
        "One look at each middle image, the largest group first, gives a first name to \(Wording.percent(covered)) of the archive. Check the typical members before you trust the name.",
      groups: order.map(\.group))
  }

  private static func suspects(_ profiles: [MetadataProfile]) -> NextStep? {
    let suspects = profiles.filter { !$0.warnings.isEmpty }.map(\.group)
    if suspects.isEmpty { return nil }
    return NextStep(
      title: "Check for a scanner behind \(suspects.count == 1 ? "a group" : "\(suspects.count) groups")",
      detail: "Nearly all of \(named(suspects)) shares one site, format or image size that comparable images lack.",
      groups: suspects)
  }

  private static func weakGroups(_ summary: PartitionSummary) -> NextStep? {
    let weak = summary.groups.filter { $0.trust.grade >= .c }
    if weak.isEmpty { return nil }
    let order = weak.sorted { ($1.trust.grade, $0.group) < ($0.trust.grade, $1.group) }.map(\.group)
    return NextStep(
      title: "Look at the odd members",
      detail:
        "\(named(order).capitalizedFirst) \(order.count == 1 ? "is" : "are") graded C or lower. Odd members show whether the group is a mixture or only has a ragged edge.",
      groups: order)
  }

  /// A group that the other clustering parts into pieces which it keeps nearly whole.
  private static func split(by agreement: Agreement, named name: String) -> NextStep? {
    let table = agreement.contingency
    let sizes = table.map { $0.reduce(0, +) }
    let columns = (table.first ?? []).indices.map { column in table.reduce(0) { $0 + $1[column] } }
    let parted = agreement.partners.map(\.first).filter { group in
      let pieces = (0..<columns.count - 1).count { (other: Int) -> Bool in
        let shared = table[group][other]
        return 5 * shared >= sizes[group] && 10 * shared >= 8 * columns[other]
      }
      return pieces >= 2
    }
    if parted.isEmpty { return nil }
    return NextStep(
      title: "Consider splitting \(named(parted))",
      detail: "\(name) finds two or more separate groups inside \(parted.count == 1 ? "it" : "each of them").",
      groups: parted)
  }

  /// Two groups that hardly stand apart, or that the other clustering keeps together.
  private static func merge(_ summary: PartitionSummary, _ agreement: Agreement?) -> NextStep? {
    var pairs: [[Int]] = []
    for group in summary.groups {
      guard let nearest = group.neighbours.first?.group, group.group < nearest else { continue }
      let other = summary.groups[nearest]
      guard other.neighbours.first?.group == group.group else { continue }
      let isClose = (group.margin ?? 1) < 0.6 && (other.margin ?? 1) < 0.6
      if isClose || areKeptTogether(group.group, nearest, agreement) { pairs.append([group.group, nearest]) }
    }
    if pairs.isEmpty { return nil }
    return NextStep(
      title: "Consider merging \(Wording.list(pairs.map { "\($0[0]) with \($0[1])" }))",
      detail: "Each is the other's nearest neighbour, and the border between them is thin.",
      groups: pairs.flatMap { $0 })
  }

  private static func areKeptTogether(_ a: Int, _ b: Int, _ agreement: Agreement?) -> Bool {
    guard let table = agreement?.contingency, let columns = table.first?.count else { return false }
    return (0..<columns - 1).contains { other in
      [a, b].allSatisfy { 10 * table[$0][other] >= 8 * table[$0].reduce(0, +) }
    }
  }

  private static func noise(_ summary: PartitionSummary) -> NextStep? {
    if summary.noiseShare <= 0.2 { return nil }
    return NextStep(
      title: "Look at the noise",
      detail:
        "\(Wording.percent(summary.noiseShare)) of the images fit no group. Lower min_samples to be less strict, or min_cluster_size to allow smaller groups."
    )
  }

  private static func stability(_ summary: PartitionSummary) -> NextStep? {
    if summary.stability != nil { return nil }
    return NextStep(
      title: "Measure stability",
      detail:
        "It was not measured, so no group can be graded A. Resampling the clustering tells a group from an accident.")
  }

  private static func named(_ groups: [Int]) -> String {
    (groups.count == 1 ? "group " : "groups ") + Wording.list(groups.map(String.init))
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
