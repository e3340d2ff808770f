import Foundation
import Records

/// The header of a NIfTI-1, NIfTI-2 or Analyze 7.5 file (nifti1.h and nifti2.h of the NIfTI Data Format Working Group), in either byte order.
struct NIfTIHeader {
  enum Version { case analyze, one, two }

  /// How a voxel is kept.
  enum Voxel: Equatable {
    case number(StoredPixels.SampleType)
    case rgb, rgba

    var width: Int {
      switch self {
      case .number(let type): type.width
      case .rgb: 3
      case .rgba: 4
      }
    }
  }

  static let longest = 540

  let version: Version
  let isBigEndian: Bool
  /// Whether header and voxels lie in one file.
  let isSingle: Bool
  /// Lengths of the first three axes, and the product of all others: time points, then whatever else there is.
  let columns, rows, slices, volumes: Int
  let voxel: Voxel
  /// Bytes before the first voxel.
  let offset: Int
  /// Value = slope · stored + intercept; 1 and 0 where the file states none that can be.
  let slope, intercept: Double
  let leastShown, greatestShown: Double
  /// Seconds between volumes; nil where unknown.
  let interval: Double?
  /// Rows R, A, S in millimetres over voxel indices and 1; nil where the file's numbers make none.
  let affine: [[Double]]?

  var voxelCount: Int { columns * rows * slices * volumes }
  var sliceBytes: Int { columns * rows * voxel.width }

  /// Whether a file begins so, plainly or in gzip.
  static func isBegun(by prefix: [UInt8]) -> Bool {
    prefix.withUnsafeBytes { raw in
      if raw.byte(0) != 0x1f || raw.byte(1) != 0x8b { return kind(raw) != nil }
      var header = [UInt8](repeating: 0, count: longest)
      guard let inflater = try? InflateStream(.gzip),
        let count = header.withUnsafeMutableBytes({ try? inflater.inflate(raw, into: $0) })
      else { return false }
      return header.withUnsafeBytes { kind(UnsafeRawBufferPointer(rebasing: $0[..<count])) != nil }
    }
  }

  private static func kind(_ raw: UnsafeRawBufferPointer) -> (version: Version, isBigEndian: Bool, isSingle: Bool)? {
    for isBig in [false, true] {
      guard let length = raw.integer(0, Int32.self, bigEndian: isBig) else { return nil }
      if length == 540 {
        if raw.starts("n+2\0", at: 4) { return (.two, isBig, true) }
        if raw.starts("ni2\0", at: 4) { return (.two, isBig, false) }
      }
      guard length == 348, raw.count >= 348 else { continue }
      if raw.starts("n+1\0", at: 344) { return (.one, isBig, true) }
      if raw.starts("ni1\0", at: 344) { return (.one, isBig, false) }
      // Analyze has no magic but its length, a sane number of axes, and a type of voxels that agrees with their bits.
      let axes = raw.integer(40, Int16.self, bigEndian: isBig) ?? 0
      let type = raw.integer(70, Int16.self, bigEndian: isBig) ?? 0
      let bits = raw.integer(72, Int16.self, bigEndian: isBig) ?? 0
      let widths: [Int16: Int16] = [2: 8, 4: 16, 8: 32, 16: 32, 64: 64, 128: 24, 256: 8, 512: 16, 768: 32]
      if (1...7).contains(axes), let width = widths[type], width == bits { return (.analyze, isBig, false) }
    }
    return nil
  }

  /// - Throws: `corrupt`, `unsupported_encoding` (complex numbers, 128 bits, single bits), `too_large`.
  init(_ raw: UnsafeRawBufferPointer) throws(DecodeFailure) {
    guard let kind = NIfTIHeader.kind(raw) else { throw DecodeFailure(.corrupt, "no NIfTI header") }
    version = kind.version
    isBigEndian = kind.isBigEndian
    isSingle = kind.isSingle
    let fields = Fields(raw, kind.version, kind.isBigEndian)
    guard fields.isWhole else { throw DecodeFailure(.truncated, "the NIfTI header ends early") }
    let axes = fields.dimension(0)
    guard (1...7).contains(axes) else { throw DecodeFailure(.corrupt, "a NIfTI file of \(axes) axes") }
    var lengths = [1, 1, 1, 1]
    for axis in 1...axes {
      let length = fields.dimension(axis)
      guard length > 0 else { throw DecodeFailure(.corrupt, "a NIfTI axis of length \(length)") }
      let (product, overflow) = lengths[min(axis, 4) - 1].multipliedReportingOverflow(by: length)
      if overflow { throw DecodeFailure(.tooLarge, "a NIfTI file of more voxels than can be counted") }
      lengths[min(axis, 4) - 1] = product
    }
    (columns, rows, slices, volumes) = (lengths[0], lengths[1], lengths[2], lengths[3])
    voxel = try NIfTIHeader.voxel(fields.type)
    try DecodingLimits.check(width: columns, height: rows)
    try DecodingLimits.check(bytes: columns * rows, times: voxel.width)
    var bytes = columns * rows * voxel.width
    for factor in [slices, volumes] {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: factor)
      if overflow || product > 1 << 48 { throw DecodeFailure(.tooLarge, "a NIfTI file of more than 256 TiB of voxels") }
      bytes = product
    }
    guard slices.multipliedReportingOverflow(by: volumes).partialValue <= 1 << 24 else {
      throw DecodeFailure(.tooLarge, "a NIfTI file of more than 16 million slices")
    }
    let stated = fields.voxelOffset
    guard stated.isFinite, stated >= 0, stated < 0x1p48 else {
      throw DecodeFailure(.corrupt, "voxels that begin nowhere")
    }
    let least = isSingle ? (version == .two ? 544 : 352) : 0
    guard stated == 0 || Int(stated) >= least else {
      throw DecodeFailure(.corrupt, "voxels that begin inside the NIfTI header")
    }
    offset = max(Int(stated), least)
    let slope = fields.slope
    let isScaled = slope.isFinite && slope != 0
    self.slope = isScaled ? slope : 1
    // What stands at its place in Analyze is something else.
    let intercept = version == .analyze ? 0 : fields.intercept
    if isScaled && !intercept.isFinite { throw DecodeFailure(.corrupt, "a slope with an intercept that is no number") }
    self.intercept = isScaled ? intercept : 0
    (leastShown, greatestShown) = (fields.leastShown, fields.greatestShown)
    affine = fields.affine(lengths)
    interval = volumes > 1 ? fields.interval : nil
  }

  private static func voxel(_ code: Int) throws(DecodeFailure) -> Voxel {
    switch code {
    case 2: .number(.uint8)
    case 4: .number(.int16)
    case 8: .number(.int32)
    case 16: .number(.float32)
    case 64: .number(.float64)
    case 128: .rgb
    case 256: .number(.int8)
    case 512: .number(.uint16)
    case 768: .number(.uint32)
    case 1024: .number(.int64)
    case 1280: .number(.uint64)
    case 2304: .rgba
    default: throw DecodeFailure(.unsupportedEncoding, "NIfTI voxels of type \(code)")
    }
  }
}

/// Where the fields lie in each version.
private struct Fields {
  private let raw: UnsafeRawBufferPointer
  private let isTwo: Bool
  private let isAnalyze: Bool
  private let isBig: Bool

  init(_ raw: UnsafeRawBufferPointer, _ version: NIfTIHeader.Version, _ isBigEndian: Bool) {
    self.raw = raw
    isTwo = version == .two
    isAnalyze = version == .analyze
    isBig = isBigEndian
  }

  var isWhole: Bool { raw.count >= (isTwo ? 540 : 348) }

  private func short(_ offset: Int) -> Int { Int(raw.integer(offset, Int16.self, bigEndian: isBig) ?? 0) }
  private func word(_ offset: Int) -> Int { Int(raw.integer(offset, Int32.self, bigEndian: isBig) ?? 0) }
  private func long(_ offset: Int) -> Int { Int(raw.integer(offset, Int64.self, bigEndian: isBig) ?? 0) }
  private func float(_ offset: Int) -> Double {
    Double(Float(bitPattern: raw.integer(offset, UInt32.self, bigEndian: isBig) ?? 0))
  }
  private func double(_ offset: Int) -> Double {
    Double(bitPattern: raw.integer(offset, UInt64.self, bigEndian: isBig) ?? 0)
  }

  func dimension(_ axis: Int) -> Int { isTwo ? long(16 + 8 * axis) : short(40 + 2 * axis) }
  private func step(_ axis: Int) -> Double { isTwo ? double(104 + 8 * axis) : float(76 + 4 * axis) }
  var type: Int { short(isTwo ? 12 : 70) }
  var voxelOffset: Double { isTwo ? Double(long(168)) : float(108) }
  var slope: Double { isTwo ? double(176) : float(112) }
  var intercept: Double { isTwo ? double(184) : float(116) }
  var greatestShown: Double { isTwo ? double(192) : float(124) }
  var leastShown: Double { isTwo ? double(200) : float(128) }
  private var units: Int { isAnalyze ? 0 : isTwo ? word(500) : Int(raw.byte(123) ?? 0) }
  private var qformCode: Int { isAnalyze ? 0 : isTwo ? word(344) : short(252) }
  private var sformCode: Int { isAnalyze ? 0 : isTwo ? word(348) : short(254) }
  private func quaternion(_ index: Int) -> Double { isTwo ? double(352 + 8 * index) : float(256 + 4 * index) }
  private func origin(_ index: Int) -> Double { isTwo ? double(376 + 8 * index) : float(268 + 4 * index) }
  private func row(_ row: Int, _ column: Int) -> Double {
    isTwo ? double(400 + 32 * row + 8 * column) : float(280 + 16 * row + 4 * column)
  }

  /// Seconds.
  var interval: Double? {
    let scale: [Int: Double] = [8: 1, 16: 1e-3, 24: 1e-6]
    guard let unit = scale[units & 0x38], step(4).isFinite, step(4) > 0 else { return nil }
    return step(4) * unit
  }

  /// sform, else qform, else the centre of the volume with the x axis to the left, as nibabel does.
  func affine(_ lengths: [Int]) -> [[Double]]? {
    // Metres and micrometres become millimetres; what is not said is taken for millimetres.
    let unit = units & 7 == 1 ? 1000.0 : units & 7 == 3 ? 0.001 : 1.0
    var matrix: [[Double]]
    if sformCode > 0 {
      matrix = (0..<3).map { r in (0..<4).map { row(r, $0) } }
    } else if qformCode > 0 {
      matrix = rotated()
    } else {
      let steps = [-step(1), step(2), step(3)]
      matrix = (0..<3).map { r in
        (0..<3).map { $0 == r ? steps[r] : 0 } + [-steps[r] * Double(lengths[r] - 1) / 2]
      }
    }
    matrix = matrix.map { $0.map { $0 * unit } }
    let isUsable = matrix.allSatisfy { $0.allSatisfy { $0.isFinite && abs($0) < 1e9 } }
    return isUsable && abs(AxisTurn.determinant(matrix)) > 1e-12 ? matrix : nil
  }

  private func rotated() -> [[Double]] {
    var (b, c, d) = (quaternion(0), quaternion(1), quaternion(2))
    var a = 1 - (b * b + c * c + d * d)
    if a < 1e-7 {
      let length = (b * b + c * c + d * d).squareRoot()
      (b, c, d) = (b / length, c / length, d / length)
      a = 0
    } else {
      a = a.squareRoot()
    }
    let turn = [
      [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
      [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
      [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
    ]
    let steps = [step(1), step(2), step(0) < 0 ? -step(3) : step(3)]
    return (0..<3).map { r in (0..<3).map { turn[r][$0] * steps[$0] } + [origin(r)] }
  }
}
