public import Clustering
public import Records

/// What the files themselves say about a group: facts that are over-represented in it, and a warning where the group is no
/// more than one site, one format or one image size: it may be a scanner, not an anatomy.
///
/// The facts never touch the fit. Their q-values treat images as independent; many images of one patient make them too small.
public struct MetadataProfile: Sendable, Hashable {
  public let group: Int
  /// The strongest first: by the difference between inside and outside.
  public let facts: [Fact]
  /// Facts that may explain the group away.
  public let warnings: [Warning]

  /// A property of a file or an acquisition.
  public enum Attribute: String, Sendable, Hashable, CaseIterable {
    case modality
    case bodyPart
    case view
    case site
    case kind
    case size
    case bits
    case colour
    case flag

    /// Facts of the machine and of the export, not of what is seen.
    public var isTechnical: Bool {
      switch self {
      case .site, .kind, .size, .bits, .colour: true
      case .modality, .bodyPart, .view, .flag: false
      }
    }

    public var title: String {
      switch self {
      case .modality: "Modality"
      case .bodyPart: "Body part"
      case .view: "View"
      case .site: "Site"
      case .kind: "File format"
      case .size: "Image size"
      case .bits: "Bit depth"
      case .colour: "Colour"
      case .flag: "Quality flag"
      }
    }

    /// What a record says of it: nothing where it is silent, several flags at once.
    func values(of record: ImageRecord) -> [String] {
      switch self {
      case .modality: record.modality.isEmpty ? [] : [record.modality]
      case .bodyPart: record.bodyPart.isEmpty ? [] : [record.bodyPart]
      case .view: record.view.isEmpty ? [] : [record.view]
      case .site: record.site.isEmpty ? [] : [record.site]
      case .kind: [record.kind]
      case .size: ["\(record.width) × \(record.height)"]
      case .bits: ["\(record.bits) bit"]
      case .colour: [record.samples < 3 ? "grey" : "colour"]
      case .flag: record.flags
      }
    }
  }

  /// `inside` of `insideTotal` images of the group show it, `outside` of `outsideTotal` of the rest.
  public struct Fact: Sendable, Hashable {
    public let attribute: Attribute
    public let value: String
    public let inside: Int
    public let insideTotal: Int
    public let outside: Int
    public let outsideTotal: Int
    /// False discovery rate over all tests of the clustering (hypergeometric test, Benjamini–Hochberg).
    public let q: Double

    public var insideShare: Double { Double(inside) / Double(max(insideTotal, 1)) }
    public var outsideShare: Double { Double(outside) / Double(max(outsideTotal, 1)) }
  }

  /// A technical fact that nearly all of the group shares and few comparable images outside it do.
  public struct Warning: Sendable, Hashable {
    public let fact: Fact
    /// The images compared with: those outside of the group's own modality where it has one, else all outside.
    public let comparedWith: String
    public let comparedShare: Double
    public let sentence: String
  }
}

extension MetadataProfile {
  /// Least share of the group, and greatest share of the comparable rest, for a technical fact to be a warning.
  static let suspiciousShares = (inside: 0.9, outside: 0.5)
  /// With fewer images to compare with, nothing is said.
  static let leastCompared = 10

  /// The profile of every group. - Complexity: O(groups · distinct values · group size) at worst.
  /// - Precondition: a record a label.
  public static func profiles(of partition: Partition, records: [ImageRecord]) -> [MetadataProfile] {
    precondition(partition.labels.count == records.count, "\(partition.labels.count) labels, \(records.count) records")
    let groups = partition.groupCount
    let sizes = partition.sizes
    let tables = Attribute.allCases.map { AttributeTable($0, records, partition.labels, groups) }
    let test = OverRepresentation(rows: records.count)
    var found: [(group: Int, fact: Fact)] = []
    var p: [Double] = []
    for table in tables {
      for (value, counts) in zip(table.values, table.counts) {
        let marked = counts.reduce(0, +)
        if marked < 3 { continue }
        for group in 0..<groups where counts[group] > 0 {
          p.append(test.upperTail(seen: counts[group], size: sizes[group], marked: marked, rows: records.count))
          found.append(
            (
              group,
              Fact(
                attribute: table.attribute, value: value, inside: counts[group], insideTotal: sizes[group],
                outside: marked - counts[group], outsideTotal: records.count - sizes[group], q: 1)
            ))
        }
      }
    }
    let q = OverRepresentation.adjusted(p)
    var facts = [[Fact]](repeating: [], count: groups)
    for (index, entry) in found.enumerated() where isTelling(entry.fact, q[index]) {
      facts[entry.group].append(entry.fact.with(q: q[index]))
    }
    return (0..<groups).map { group in
      let ranked = facts[group].enumerated().sorted {
        ($0.element.outsideShare - $0.element.insideShare, $0.offset)
          < ($1.element.outsideShare - $1.element.insideShare, $1.offset)
      }.map(\.element)
      let rest = Comparison(outside: group, partition.labels, records)
      return MetadataProfile(
        group: group, facts: ranked, warnings: ranked.compactMap { warning($0, rest, records) })
    }
  }

  private static func isTelling(_ fact: Fact, _ q: Double) -> Bool {
    q < 0.05 && fact.insideShare >= 0.15 && fact.insideShare >= 1.25 * fact.outsideShare
      && fact.insideShare - fact.outsideShare >= 0.05
  }

  private static func warning(_ fact: Fact, _ rest: Comparison, _ records: [ImageRecord]) -> Warning? {
    guard fact.attribute.isTechnical, fact.insideShare >= suspiciousShares.inside, rest.rows.count >= leastCompared
    else {
      return nil
    }
    let shared = rest.rows.count { fact.attribute.values(of: records[$0]).contains(fact.value) }
    let share = Double(shared) / Double(rest.rows.count)
    if share > suspiciousShares.outside { return nil }
    let others = rest.modality.isEmpty ? "the images outside it" : "the other \(rest.modality) images"
    let sentence =
      "\(fact.attribute.title): \(Wording.percent(fact.insideShare)) of this group is \(fact.value), against "
      + "\(Wording.percent(share)) of \(others). It may be a scanner or a source, not an anatomy: check before you use it."
    return Warning(
      fact: fact, comparedWith: rest.modality.isEmpty ? "all" : rest.modality, comparedShare: share, sentence: sentence)
  }
}

extension MetadataProfile.Fact {
  fileprivate func with(q: Double) -> MetadataProfile.Fact {
    MetadataProfile.Fact(
      attribute: attribute, value: value, inside: inside, insideTotal: insideTotal, outside: outside,
      outsideTotal: outsideTotal, q: q)
  }
}

/// How often each value of one attribute occurs in each group; the last column counts noise. Values in alphabetical order.
private struct AttributeTable {
  let attribute: MetadataProfile.Attribute
  let values: [String]
  let counts: [[Int]]

  init(_ attribute: MetadataProfile.Attribute, _ records: [ImageRecord], _ labels: [Int?], _ groups: Int) {
    var table: [String: [Int]] = [:]
    for (record, label) in zip(records, labels) {
      for value in attribute.values(of: record) {
        table[value, default: [Int](repeating: 0, count: groups + 1)][label ?? groups] += 1
      }
    }
    self.attribute = attribute
    let sorted = table.sorted { $0.key < $1.key }
    values = sorted.map(\.key)
    counts = sorted.map(\.value)
  }
}

/// The rows a group is fairly compared with: a chest film is expected to be DICOM, so it is asked how *other radiographs* are
/// stored, not how the histology is.
private struct Comparison {
  let modality: String
  let rows: [Int]

  init(outside group: Int, _ labels: [Int?], _ records: [ImageRecord]) {
    var counts: [String: Int] = [:]
    var size = 0
    for (label, record) in zip(labels, records) where label == group {
      counts[record.modality, default: 0] += 1
      size += 1
    }
    let most = counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.first
    let isOne = most.map { Double($0.value) >= 0.8 * Double(size) } ?? false
    let modality = isOne ? most!.key : ""
    self.modality = modality
    rows = labels.indices.filter { labels[$0] != group && (!isOne || records[$0].modality == modality) }
  }
}
