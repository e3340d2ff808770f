package import Records

extension SeriesOrder {
  /// The row of `series.csv`.
  package func record(_ slices: [SeriesSlice]) -> SeriesRecord {
    let taken = members.filter { !slices[$0.slice].id.isEmpty }
    // What is shown must be in the manifest: the middle of what was taken.
    let middle = SeriesOrder.middle(of: taken)
    return SeriesRecord(
      series: slices.first?.series ?? "", study: slices.first?.study ?? "", modality: slices.first?.modality ?? "",
      slices: slices.count, taken: taken.count, stacks: stacks, timePoints: timePoints, spacing: spacing.map(rounded),
      thickness: thickness.map(rounded), tilt: rounded(tilt), missing: missing, incomplete: incomplete,
      repeated: repeated, problems: problems, firstID: taken.first.map { slices[$0.slice].id } ?? "",
      middleID: middle.map { slices[$0].id } ?? "",
      missingAfter: gaps.map { "\(NumberText.text(rounded($0.position))):\($0.missing)" })
  }

  /// The rows of `slices.csv`: those slices that are in the manifest, numbered.
  package func sliceRecords(_ slices: [SeriesSlice]) -> [SliceRecord] {
    let taken = members.filter { !slices[$0.slice].id.isEmpty }
    let middle = SeriesOrder.middle(of: taken)
    return taken.enumerated().map { number, member in
      SliceRecord(
        series: slices[member.slice].series, number: number, id: ImageID(slices[member.slice].id), stack: member.stack,
        timePoint: member.timePoint, position: member.distance.map(rounded),
        repeats: member.repeats.flatMap { slices[$0].id.isEmpty ? nil : ImageID(slices[$0].id) },
        isMiddle: member.slice == middle)
    }
  }

  /// To a thousandth: positions are written no finer, and the last digits of a cosine mean nothing.
  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
