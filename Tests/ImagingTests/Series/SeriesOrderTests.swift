import Foundation
import Imaging
import Records
import TestSupport
import Testing

/// Series drawn by rule, with planted faults.
enum PlantedSeries {
  static let axial = [1.0, 0, 0, 0, 1, 0]

  /// One slice; `z` along the normal of an axial plane.
  static func slice(
    _ z: Double, instance: Int?, orientation: [Double] = axial, position: [Double]? = nil, moments: [String] = [],
    id: String? = nil, columns: Int = 64
  ) -> SeriesSlice {
    var place = SlicePlace()
    place.position = position ?? [-100, -120, z]
    place.orientation = orientation
    place.pixelSpacing = [1, 1]
    place.thickness = 2
    place.instance = instance
    place.moments = moments
    let name = id ?? "\(instance ?? -1)@\(z)\(moments.joined())"
    return SeriesSlice(series: "ab12", id: name, row: instance ?? 0, columns: columns, rows: 64, place: place)
  }

  static func axial(_ count: Int, spacing: Double = 2.5, times: Int = 1) -> [SeriesSlice] {
    grid(times, count) { time, place in
      slice(-30 + spacing * Double(place), instance: time * count + place + 1)
    }
  }

  /// A slice for every time point and place, time point by time point.
  static func grid(_ times: Int, _ places: Int, _ slice: (_ time: Int, _ place: Int) -> SeriesSlice) -> [SeriesSlice] {
    (0..<times * places).map { slice($0 / places, $0 % places) }
  }

  static func shuffled(_ slices: [SeriesSlice], _ round: Int) -> [SeriesSlice] {
    // A multiplier prime to any count here walks through all of them.
    (0..<slices.count).map { slices[(($0 + round) * 7919) % slices.count] }
  }
}

@Suite struct SeriesOrderTests {
  private func ids(_ slices: [SeriesSlice], _ order: SeriesOrder) -> [String] {
    order.members.map { slices[$0.slice].id }
  }

  /// Row direction × column direction.
  private func normal(_ o: [Double]) -> [Double] {
    let x: Double = o[1] * o[5] - o[2] * o[4]
    let y: Double = o[2] * o[3] - o[0] * o[5]
    let z: Double = o[0] * o[4] - o[1] * o[3]
    return [x, y, z]
  }

  @Test func sortsAlongTheNormalWhateverTheInputsOrder() {
    // Instance numbers run against the positions, as interleaved acquisitions' do.
    let planted = (0..<23).map { PlantedSeries.slice(Double($0) * 3, instance: ($0 * 7) % 23) }
    let wanted = planted.map(\.id)
    for round in 0..<5 {
      let input = PlantedSeries.shuffled(planted, round)
      let order = SeriesOrder(input)
      #expect(ids(input, order) == wanted)
      #expect(order.problems.isEmpty && order.timePoints == 1 && order.stacks == 1)
      #expect(order.spacing == 3 && order.thickness == 2 && order.tilt == 0)
      #expect(order.middle.map { input[$0].id } == wanted[11])
    }
  }

  @Test func sortsSagittalAndObliqueStacksAlongTheirOwnNormals() {
    let half = 0.5.squareRoot()
    for orientation in [[0, 1, 0, 0, 0, -1], [1, 0, 0, 0, half, half], [half, half, 0, -0.5, 0.5, half]] {
      let normal = normal(orientation)
      let planted = (0..<9).map { number in
        PlantedSeries.slice(
          0, instance: 9 - number, orientation: orientation, position: normal.map { $0 * 1.25 * Double(number) + 4 })
      }
      let input = PlantedSeries.shuffled(planted, 3)
      let order = SeriesOrder(input)
      #expect(order.members.map { input[$0.slice].place.instance } == (1...9).reversed().map { $0 })
      #expect(abs(order.spacing! - 1.25) < 1e-9 && order.problems.isEmpty)
    }
  }

  @Test func findsWhereSlicesAreMissing() {
    var planted = PlantedSeries.axial(30)
    for index in [20, 12, 11, 3] { planted.remove(at: index) }
    let order = SeriesOrder(PlantedSeries.shuffled(planted, 1))
    #expect(order.spacing == 2.5 && order.missing == 4 && order.problems == [.missingSlices])
    #expect(order.gaps.map(\.missing) == [1, 2, 1])
    #expect(order.gaps.map(\.position) == [-25, -5, 17.5])
  }

  @Test func statedSpacingExplainsGapsOfManySizes() {
    // Steps of 5, 4 and 3 slices have no common step among themselves.
    var planted = PlantedSeries.axial(13)
    for index in planted.indices { planted[index].place.spacing = 2.5 }
    let kept = [0, 5, 9, 12].map { planted[$0] }
    let order = SeriesOrder(kept)
    #expect(order.spacing == 2.5 && order.missing == 9 && order.problems == [.missingSlices])
  }

  @Test func unevenSpacingIsNoLoss() {
    let order = SeriesOrder(
      [0, 2, 4.5, 6.1, 9.4].enumerated().map { PlantedSeries.slice($1, instance: $0) })
    #expect(order.problems == [.unevenSpacing] && order.missing == 0)
  }

  @Test func repeatedSlicesFollowTheirOriginals() {
    var planted = PlantedSeries.axial(8)
    var copy = planted[5]
    copy.id += "-2"
    planted.insert(copy, at: 0)
    let order = SeriesOrder(planted)
    #expect(order.repeated == 1 && order.timePoints == 1 && order.problems == [.repeatedSlices])
    #expect(order.spacing == 2.5 && order.missing == 0)
    let place = ids(planted, order).firstIndex(of: copy.id)!
    #expect(place == 6 && order.members[6].repeats == order.members[5].slice)
  }

  @Test(arguments: [false, true]) func timePointsArePartedByInstanceNumber(sliceBySlice: Bool) {
    let (places, times) = (7, 3)
    let planted = PlantedSeries.grid(times, places) { time, place in
      PlantedSeries.slice(Double(place) * 4, instance: sliceBySlice ? place * times + time : time * places + place)
    }
    let input = PlantedSeries.shuffled(planted, 2)
    let order = SeriesOrder(input)
    #expect(ids(input, order) == planted.map(\.id))
    #expect(order.timePoints == 3 && order.problems == [.timePoints] && order.incomplete == 0)
  }

  @Test func framesOfOneFileCountLikeInstances() {
    let planted = PlantedSeries.grid(2, 12) { time, place in
      var slice = PlantedSeries.slice(Double(place), instance: 5, id: "ab#\(time * 12 + place)")
      slice.frame = time * 12 + place
      slice.row = slice.frame
      return slice
    }
    let input = PlantedSeries.shuffled(planted, 1)
    let order = SeriesOrder(input)
    #expect(order.timePoints == 2 && order.repeated == 0 && ids(input, order) == planted.map(\.id))
    let flat = planted.map {
      var slice = $0
      slice.place.position = []
      return slice
    }
    #expect(SeriesOrder(flat).members.map(\.slice) == Array(0..<24))
  }

  @Test func momentsPartTimePointsThatLackSlices() {
    var planted = PlantedSeries.grid(4, 6) { time, place in
      PlantedSeries.slice(
        Double(place), instance: place * 4 + time,
        moments: ["acquisition_time=10\(place)\(time)", "temporal_position=\(time + 8)", "trigger_time=3"])
    }
    planted.removeAll { $0.place.instance == 2 * 4 + 1 || $0.place.instance == 3 * 4 }
    let input = PlantedSeries.shuffled(planted, 4)
    let order = SeriesOrder(input)
    #expect(order.timePoints == 4 && order.incomplete == 2)
    #expect(order.problems == [.incompleteTimePoints, .timePoints])
    // 8 before 9 before 10: as numbers, not as text.
    #expect((0..<4).map { time in order.members.count { $0.timePoint == time } } == [5, 5, 6, 6])
    #expect(order.members.allSatisfy { input[$0.slice].place.moments[1] == "temporal_position=\($0.timePoint + 8)" })
  }

  @Test func twoMomentsTogetherPartWhatOneCannot() {
    let planted = PlantedSeries.grid(6, 4) { moment, place in
      PlantedSeries.slice(
        Double(place), instance: nil, moments: ["echo=\(moment / 3)", "temporal_position=\(moment % 3)"])
    }
    let input = PlantedSeries.shuffled(planted, 1)
    let order = SeriesOrder(input)
    #expect(order.timePoints == 6 && ids(input, order) == planted.map(\.id))
  }

  @Test func tiltIsTheAngleBetweenLineAndNormal() {
    let angle = 18.5 * Double.pi / 180
    let orientation = [1, 0, 0, 0, cos(angle), -sin(angle)]
    let planted = (0..<12).map {
      PlantedSeries.slice(0, instance: $0, orientation: orientation, position: [-120, -15, 745 + 2.5 * Double($0)])
    }
    let order = SeriesOrder(planted)
    #expect(abs(order.tilt - 18.5) < 1e-6 && order.problems == [.tiltedGantry])
    #expect(abs(order.spacing! - 2.5 * cos(angle)) < 1e-9)
    var stated = PlantedSeries.axial(4)
    for index in stated.indices { stated[index].place.gantryTilt = -12 }
    #expect(SeriesOrder(stated).tilt == 12)
  }

  @Test func planesSizesAndSpacingsAreKeptApart() {
    let sagittal = [0.0, 1, 0, 0, 0, -1]
    let planted =
      (0..<3).map { PlantedSeries.slice(Double($0) * 10, instance: $0) }
      + (0..<3).map {
        PlantedSeries.slice(0, instance: 3 + $0, orientation: sagittal, position: [Double($0) * 10, 0, 0])
      }
      // Off by less than files round: the same plane.
      + [PlantedSeries.slice(30, instance: 6, orientation: [0.999, 0.004, 0, -0.004, 0.999, 0])]
    let input = PlantedSeries.shuffled(planted, 3)
    let order = SeriesOrder(input)
    #expect(order.stacks == 2 && order.problems == [.mixedOrientations])
    #expect(order.members.map(\.stack) == [0, 0, 0, 0, 1, 1, 1])
    let sizes = SeriesOrder(PlantedSeries.axial(3) + [PlantedSeries.slice(90, instance: 9, columns: 32)])
    #expect(sizes.problems == [.mixedSizes] && sizes.stacks == 2)
  }

  @Test func withoutGeometryInstanceNumbersDecideAndNamesLast() {
    var planted = PlantedSeries.axial(12)
    for index in planted.indices {
      planted[index].place.position = []
      planted[index].id = ""
      planted[index].row = index
    }
    planted[7].place.instance = nil
    let input = PlantedSeries.shuffled(planted, 1)
    let order = SeriesOrder(input)
    #expect(order.problems == [.noGeometry])
    #expect(order.members.map { input[$0.slice].row } == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 7])
    #expect(order.spacing == nil && order.repeated == 0)
  }

  @Test func nonsenseIsNoGeometry() {
    for orientation in [
      [], [1, 0, 0], [0, 0, 0, 0, 0, 0], [.nan, 0, 0, 0, 1, 0], [1, 0, 0, 1, 0, 0], [1e300, 0, 0, 0, 1e300, 0],
    ] {
      let order = SeriesOrder((0..<3).map { PlantedSeries.slice(Double($0), instance: $0, orientation: orientation) })
      #expect(order.problems == [.noGeometry] && order.members.map(\.slice) == [0, 1, 2])
    }
    var mixed = PlantedSeries.axial(4)
    mixed[1].place.position = [.infinity, 0, 0]
    #expect(SeriesOrder(mixed).problems.contains(.partialGeometry))
    #expect(SeriesOrder([]).members.isEmpty && SeriesOrder([]).middle == nil)
  }

  @Test func samplesAreEvenlySpreadAndOfTheFirstTimePoint() {
    let planted = PlantedSeries.axial(30, times: 2)
    let input = PlantedSeries.shuffled(planted, 1)
    let order = SeriesOrder(input)
    #expect(order.sample(3).map { input[$0].place.instance } == [6, 16, 26])
    #expect(order.sample(30).map { input[$0].place.instance! } == Array(1...30))
    #expect(order.sample(40).count == 40 && order.sample(1000).count == 60)
  }

  @Test func spreadsAreEven() {
    #expect(EvenSpread.places(1, of: 9) == [4] && EvenSpread.places(4, of: 3) == [0, 1, 2])
    for total in 1...40 {
      for count in 1...total {
        let places = EvenSpread.places(count, of: total)
        let steps = zip(places.dropFirst(), places).map { $0 - $1 } + [total - places.last! + places[0]]
        #expect(places.count == count && places.last! < total && steps.max()! - steps.min()! <= 1)
      }
    }
  }
}

@Suite struct SeriesRowsTests {
  @Test func rowsTellWhatWasTaken() {
    var planted = PlantedSeries.axial(10)
    for index in [0, 1, 5, 9] { planted[index].id = "" }
    let input = PlantedSeries.shuffled(planted, 1)
    let order = SeriesOrder(input)
    let slices = order.sliceRecords(input)
    let row = order.record(input)
    #expect(row.slices == 10 && row.taken == 6 && row.series == "ab12" && row.spacing == 2.5)
    #expect(slices.map(\.number) == Array(0..<6))
    #expect(slices.map(\.id.rawValue) == planted.map(\.id).filter { !$0.isEmpty })
    #expect(row.firstID == slices[0].id.rawValue && row.middleID == slices[3].id.rawValue)
    #expect(slices.map(\.isMiddle) == (0..<6).map { $0 == 3 } && slices[0].position == -25)
  }
}
