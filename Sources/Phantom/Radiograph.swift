import Tensors

/// A radiograph: a patient between tube and detector, then what the detector and its software make of the beam.
struct Radiograph: Sendable {
  let width, height: Int
  /// As stored, `bitsStored` bits each; inverted already where the room says so.
  let pixels: [UInt16]
  let millimetresPerPixel: Double
  /// "L" or "R" as burned in, "" where the film has no letter.
  let side: String

  /// A small change that makes a near duplicate: the same patient and beam, moved and developed otherwise.
  struct Retake: Sendable {
    let x, y: Double
    let gamma: Double
  }

  /// Draws `kind` as `room` would see it. Same generator, same pixels.
  static func taken(
    of kind: Kind, in room: RadiographyRoom, retake: Retake? = nil, _ random: inout RandomGenerator
  ) -> Radiograph {
    let (width, height) = room.matrices[random.integer(below: room.matrices.count)]
    let subject = Subject(kind, &random)
    // The detector covers what the subject needs, give or take: the aspect is the detector's.
    let pitch = subject.millimetres * random.uniform(0.94...1.1) / Double(max(width, height))
    let drift = subject.millimetres * 0.035
    let pose = Pose(
      yaw: random.normal() * subject.yaw, pitch: random.normal() * 0.07,
      roll: random.normal() * subject.roll + (random.chance(subject.turned) ? random.uniform(-1.6...1.6) : 0),
      scale: random.uniform(0.93...1.07), mirrored: random.chance(subject.mirrored),
      offset: SIMD3(random.normal() * drift, random.normal() * drift, 0))
    var depth = subject.anatomy.projected(
      width: width, height: height, millimetresPerPixel: pitch, pose: pose, &random)
    if let retake { depth = depth.shifted(x: retake.x, y: retake.y) }
    // Tube voltage follows thickness, so that every subject ends in about the same range of depth.
    let thick = max(0.2, depth.quantile(0.97))
    let hardness = Float(random.uniform(2.1...3.3)) / thick
    for i in depth.samples.indices { depth.samples[i] *= hardness }

    let side = random.chance(0.75) ? (random.chance(0.5) ? "L" : "R") : ""
    let marker = Marker(side, width: width, height: height, &random)
    if room.lettersAreLead { marker.draw { depth.samples[$0] += 2.5 } }
    var beam = exposed(depth, room: room, &random)
    let field = Collimator(width: width, height: height, &random)
    for i in beam.samples.indices { beam.samples[i] *= field.open(i) }
    addNoise(to: &beam, room: room, &random)

    var tones = developed(beam, field: field, room: room, retake: retake, &random)
    if !room.lettersAreLead { marker.draw { tones.samples[$0] = 1 } }
    addRim(to: &tones, room: room, &random)
    let top = Float((1 << room.bitsStored) - 1)
    let pixels = tones.samples.map { tone in
      let value = UInt16((min(max(tone, 0), 1) * top).rounded())
      return room.isInverted ? UInt16(top) - value : value
    }
    return Radiograph(width: width, height: height, pixels: pixels, millimetresPerPixel: pitch, side: side)
  }

  /// The beam behind the patient, scattered and blurred; 1 in the open.
  private static func exposed(
    _ depth: Plane, room: RadiographyRoom, _ random: inout RandomGenerator
  ) -> Plane {
    var beam = depth
    for i in beam.samples.indices { beam.samples[i] = exponential(-depth.samples[i]) }
    let size = Double(max(depth.width, depth.height))
    let scattered = beam.blurred(sigma: size / 14)
    let share = Float(room.scatter * random.uniform(0.6...1.3))
    // The heel effect: the beam is weaker towards one edge.
    let heel = Float(random.uniform(-0.25...0.25)) / Float(depth.width)
    for i in beam.samples.indices {
      let column = Float(i % depth.width) - Float(depth.width) / 2
      beam.samples[i] = (beam.samples[i] + share * scattered.samples[i]) / (1 + share) * (1 + heel * column)
    }
    return beam.blurred(sigma: room.sharpness * size / 320 * random.uniform(0.8...1.3))
  }

  /// Photon noise (variance as the intensity) and that of the electronics.
  private static func addNoise(to beam: inout Plane, room: RadiographyRoom, _ random: inout RandomGenerator) {
    let quanta = Float(room.quanta * exponential(random.uniform(-0.4...0.4)))
    for i in beam.samples.indices {
      let intensity = max(beam.samples[i], 0)
      let deviation = (intensity / quanta + 1e-6).squareRoot()
      beam.samples[i] = intensity + deviation * Float(random.normal())
    }
  }

  /// Logarithm, automatic range over the open field, tone curve; 0 black to 1 white. Bone is white.
  private static func developed(
    _ beam: Plane, field: Collimator, room: RadiographyRoom, retake: Retake?, _ random: inout RandomGenerator
  ) -> Plane {
    var tones = beam
    for i in tones.samples.indices { tones.samples[i] = -logarithm(max(beam.samples[i], 3e-4)) }
    let low = tones.quantile(random.uniform(0.005...0.05)) { field.open($0) > 0.5 }
    let high = tones.quantile(random.uniform(0.97...0.9995)) { field.open($0) > 0.5 }
    let span = max(high - low, 0.05)
    // The middle of the curve is put where the mean tone of the open field comes out as drawn: brightness tells no kind.
    let target = Float(random.uniform(0.38...0.47))
    var mean: Float = 0
    var count: Float = 0
    for i in stride(from: 0, to: tones.samples.count, by: 5) where field.open(i) > 0.5 {
      mean += min(max((tones.samples[i] - low) / span, 0), 1)
      count += 1
    }
    mean = min(max(mean / max(count, 1), 0.08), 0.92)
    let bend = min(max(logarithm(target) / logarithm(mean), 0.45), 2.2) * Float(retake?.gamma ?? 1)
    let slope = Float(room.contrast * random.uniform(0.88...1.15))
    let foot = 1 / (1 + exponential(slope))
    for i in tones.samples.indices {
      let t = power(min(max((tones.samples[i] - low) / span, 0), 1.15), bend)
      let curved = (1 / (1 + exponential(-slope * (2 * t - 1))) - foot) / (1 - 2 * foot)
      let closed = 1 - field.open(i)
      switch room.shutter {
      case .leaky: tones.samples[i] = curved * (1 - 0.55 * closed)
      case .black: tones.samples[i] = curved * (1 - closed)
      }
    }
    return tones
  }

  private static func addRim(to tones: inout Plane, room: RadiographyRoom, _ random: inout RandomGenerator) {
    if room.rim == .none { return }
    let wide = room.rim == .line ? 1 : 2 + random.integer(below: max(2, tones.width / 28))
    for row in 0..<tones.height {
      for column in 0..<tones.width
      where row < wide || column < wide || row >= tones.height - wide || column >= tones.width - wide {
        tones.samples[row * tones.width + column] = room.rim == .line ? 0.85 : 0
      }
    }
  }
}

/// What stands before the detector, and how freely it is positioned.
private struct Subject {
  let anatomy: Anatomy
  /// The longer side of the usual film.
  let millimetres: Double
  /// Usual deviations of turning about the long axis and in the picture, in radians; how often it is turned freely or mirrored.
  let yaw, roll, turned, mirrored: Double

  init(_ kind: Kind, _ random: inout RandomGenerator) {
    switch kind {
    case .chest:
      anatomy = Chest.anatomy(&random)
      (millimetres, yaw, roll, turned, mirrored) = (420, 0.14, 0.07, 0.03, 0.08)
    case .hand:
      anatomy = Hand.anatomy(&random)
      (millimetres, yaw, roll, turned, mirrored) = (245, 0.3, 0.13, 0.06, 0.5)
    case .head:
      anatomy = Head.anatomy(&random)
      (millimetres, yaw, roll, turned, mirrored) = (270, 0.14, 0.09, 0.03, 0.3)
    case .abdomen:
      anatomy = Abdomen.anatomy(&random)
      (millimetres, yaw, roll, turned, mirrored) = (420, 0.12, 0.06, 0.03, 0.08)
    case .glands, .lymphoid, .stroma: preconditionFailure("\(kind) is no radiograph")
    }
  }
}
