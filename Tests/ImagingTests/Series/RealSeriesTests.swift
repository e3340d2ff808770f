import Foundation
import Imaging
import TestSupport
import Testing

/// The series of the kit, whose geometry `pydicom` tells.
@Suite(.enabled(if: RealData.isPresent, "the real files are not here: set MEDOID_DATA"))
struct RealSeriesTests {
  /// The slices of a folder, by their headers alone.
  private func slices(_ folder: String) throws -> [SeriesSlice] {
    let root = RealData.file("dicom_series/files/\(folder)")
    let names = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
    return names.enumerated().compactMap { row, name in
      let request = ReadRequest(root.appending(path: name).path, ReadingOptions(), items: 0..<0)
      guard let summary = try? DirectDecoder().read(request, { _ in }), let place = summary.facts.slice else {
        return nil
      }
      return SeriesSlice(
        series: summary.facts.seriesUID, id: name, row: row, columns: summary.facts.width, rows: summary.facts.height,
        place: place)
    }
  }

  @Test func theEPISeriesHasThreeTimePointsOfFifteenSlices() throws {
    let slices = PlantedSeries.shuffled(try slices("mr_ge_epi"), 2)
    let order = SeriesOrder(slices)
    #expect(order.members.map { slices[$0.slice].place.instance } == (1...45).map { $0 })
    #expect(order.members.map(\.timePoint) == (0..<45).map { $0 / 15 })
    #expect(order.problems == [.timePoints] && order.repeated == 0 && order.stacks == 1 && order.thickness == 3)
    #expect(abs(order.spacing! - 5) < 0.001 && order.missing == 0)
  }

  @Test func everyFourthSliceOfATiltedHeadIsKnownAsThat() throws {
    let slices = PlantedSeries.shuffled(try slices("ct_philips_a"), 1)
    let order = SeriesOrder(slices)
    #expect(
      order.members.map { slices[$0.slice].place.instance } == [2, 7, 12, 16, 23, 27, 30, 34, 38, 41, 45, 49, 52])
    #expect(order.problems == [.missingSlices, .tiltedGantry])
    #expect(order.missing == 51 - 13 && order.gaps.map(\.missing) == [4, 4, 3, 6, 3, 2, 3, 3, 2, 3, 3, 2])
    #expect(abs(order.tilt - 18.5) < 0.01)
    #expect(abs(order.spacing! - 2.5 * cos(18.5 * .pi / 180)) < 0.001 && order.thickness == 2.5)
  }

  @Test func aPhantomOfTwoPiecesLacksWhatLiesBetween() throws {
    let slices = try slices("ct_ge_phantom")
    let order = SeriesOrder(slices)
    #expect(order.members.map { slices[$0.slice].id } == ["135.dcm", "130.dcm", "126.dcm", "138.dcm", "133.dcm"])
    #expect(order.problems == [.missingSlices] && order.missing == 50 && order.spacing == 1.875)
  }

  @Test func mosaicsAreNamed() throws {
    let slices = try slices("mr_siemens_mosaic")
    let order = SeriesOrder(slices)
    #expect(order.problems == [.timePoints, .mosaic] && order.timePoints == 2)
    #expect(order.members.map { slices[$0.slice].place.instance } == [1, 2])
  }
}
