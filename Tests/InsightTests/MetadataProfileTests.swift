import Clustering
import Insight
import Records
import Testing

struct MetadataProfileTests {
  private func record(
    _ row: Int, modality: String = "DX", site: String = "north", kind: String = "dicom", width: Int = 512,
    flags: [String] = []
  ) -> ImageRecord {
    var record = ImageRecord(
      id: ImageID("i\(row)"), path: "i\(row)", kind: kind, width: width, height: 512, frames: 1, bits: 12, samples: 1,
      pixelDigest: "")
    record.modality = modality
    record.site = site
    record.flags = flags
    return record
  }

  /// Two groups of radiographs, of which one is one site, and one of histology.
  private var planted: (Partition, [ImageRecord]) {
    var labels: [Int?] = []
    var records: [ImageRecord] = []
    for row in 0..<200 {
      let group = row < 80 ? 0 : row < 150 ? 1 : 2
      labels.append(group)
      let site = group == 1 ? "south" : row % 2 == 0 ? "north" : "east"
      records.append(
        group == 2
          ? record(row, modality: "SM", site: site, kind: "png", flags: row % 2 == 0 ? ["low_contrast"] : [])
          : record(row, site: site))
    }
    return (Partition(labels), records)
  }

  @Test func findsWhatIsOverRepresented() {
    let (partition, records) = planted
    let profiles = MetadataProfile.profiles(of: partition, records: records)
    #expect(profiles.map(\.group) == [0, 1, 2])
    let slides = profiles[2].facts
    #expect(slides.first?.attribute == .modality)
    #expect(slides.first?.value == "SM")
    #expect(slides.first?.insideShare == 1)
    #expect(slides.first?.outsideShare == 0)
    #expect(slides.contains { $0.attribute == .flag && $0.value == "low_contrast" && $0.inside == 25 })
    #expect(profiles.allSatisfy { $0.facts.allSatisfy { $0.q < 0.05 && $0.insideShare > $0.outsideShare } })
    // All images have 12 bits and one size: nothing is special about it.
    #expect(profiles.allSatisfy { $0.facts.allSatisfy { $0.attribute != .bits && $0.attribute != .size } })
  }

  @Test func warnsOfASiteButNotOfWhatTheModalityExplains() {
    let (partition, records) = planted
    let profiles = MetadataProfile.profiles(of: partition, records: records)
    #expect(profiles[0].warnings.isEmpty)
    #expect(profiles[1].warnings.map(\.fact.attribute) == [.site])
    #expect(profiles[1].warnings[0].comparedWith == "DX")
    #expect(profiles[1].warnings[0].comparedShare == 0)
    #expect(profiles[1].warnings[0].sentence.contains("may be a scanner or a source"))
    // PNG is the mark of group 2, but there is no other histology to compare with, so nothing is claimed.
    #expect(profiles[2].facts.contains { $0.attribute == .kind })
    #expect(profiles[2].warnings.isEmpty)
  }

  @Test func warnsOfImageSizeWhereModalityIsUnknown() {
    let records = (0..<100).map { record($0, modality: "", width: $0 < 50 ? 64 : 100 + $0) }
    let partition = Partition((0..<100).map { $0 < 50 ? 0 : 1 })
    let warnings = MetadataProfile.profiles(of: partition, records: records)[0].warnings
    #expect(warnings.map(\.fact.value) == ["64 × 512"])
  }

  @Test func silentArchivesHaveNoFacts() {
    let records = (0..<30).map { record($0) }
    let profiles = MetadataProfile.profiles(of: Partition((0..<30).map { $0 % 3 }), records: records)
    #expect(profiles.count == 3)
    #expect(profiles.allSatisfy { $0.facts.isEmpty && $0.warnings.isEmpty })
    #expect(MetadataProfile.profiles(of: Partition([]), records: []).isEmpty)
  }
}
