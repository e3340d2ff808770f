import Records

/// One array of pictures: where it lies, and how its axes are read.
///
/// The last two axes are rows and columns, or the last three where the last of all has 1, 3 or 4 numbers: grey, colour, colour and alpha. Before them
/// come the items, and of five axes (or four) with more than one in front, items and then slices.
final class NumPyArray {
  let name: String
  let header: NumPyHeader
  let source: ByteSource
  let items, slices, rows, columns, samples: Int
  /// The slices of an item that are taken.
  let chosen: [Int]
  private var window: (ValueWindow, Rendering)?

  var pictures: Int { items * chosen.count }
  private var pictureCount: Int { rows * columns * samples }
  private var pictureBytes: Int { pictureCount * header.type.width }

  /// - Parameter isStack: the first axis counts items whatever the others say, as in an array of a data set.
  /// - Throws: `no_pixels` for arrays of fewer than two axes, `unsupported_encoding`, `too_large`, `truncated`.
  init(
    name: String, isStack: Bool, sliceLimit: Int?, size: Int?,
    _ open: @escaping () throws(DecodeFailure) -> any ByteStream
  ) throws(DecodeFailure) {
    self.name = name
    header = try NumPyArray.header(of: open())
    var shape = header.shape
    guard shape.count >= (isStack ? 3 : 2), shape.allSatisfy({ $0 > 0 }) else {
      throw DecodeFailure(.noPixels, "an array that has no rows and columns, or none in them")
    }
    let leading = isStack ? 1 : 0
    let hasSamples =
      shape.count - leading >= 3 && [1, 3, 4].contains(shape[shape.count - 1]) && shape[shape.count - 2] > 4
    samples = hasSamples ? shape.removeLast() : 1
    columns = shape.removeLast()
    rows = shape.removeLast()
    guard shape.count <= 2 else { throw DecodeFailure(.unsupportedEncoding, "an array of \(header.shape.count) axes") }
    items = shape.first ?? 1
    slices = shape.count == 2 ? shape[1] : 1
    try DecodingLimits.check(width: columns, height: rows)
    try DecodingLimits.check(bytes: rows * columns, times: samples * header.type.width)
    guard items.multipliedReportingOverflow(by: slices).partialValue <= 1 << 30 else {
      throw DecodeFailure(.tooLarge, "an array of more than a thousand million pictures")
    }
    chosen = EvenSpread.places(sliceLimit, of: slices)
    let total = header.offset + header.count * header.type.width
    if let size, size < total { throw DecodeFailure(.truncated, "an array that ends before its shape says") }
    source = try ByteSource(size: total, open)
    if header.isFortranOrder {
      guard total <= ByteSource.kept else {
        throw DecodeFailure(.tooLarge, "an array of more than 512 MiB in Fortran's order")
      }
    }
  }

  private static func header(of stream: any ByteStream) throws(DecodeFailure) -> NumPyHeader {
    var failure: DecodeFailure?
    let start = [UInt8](unsafeUninitializedCapacity: NumPyHeader.longest) { target, count in
      do throws(DecodeFailure) { count = try stream.read(into: UnsafeMutableRawBufferPointer(target)) } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    var header: NumPyHeader?
    start.withUnsafeBytes { raw in
      do throws(DecodeFailure) { header = try NumPyHeader(raw) } catch { failure = error }
    }
    guard let header else { throw failure ?? DecodeFailure(.corrupt, "no NumPy header") }
    return header
  }

  /// Item and slice of picture `index`, and their number in the array.
  func place(_ index: Int) -> (item: Int, slice: Int, frame: Int) {
    let (item, slice) = (index / chosen.count, chosen[index % chosen.count])
    return (item, slice, item * slices + slice)
  }

  func stored(_ frame: Int) throws(DecodeFailure) -> StoredPixels {
    let width = header.type.width
    if header.isFortranOrder { return try gathered(frame) }
    let bytes = try source.numbers(
      at: header.offset + frame * pictureBytes, count: pictureCount, width: width, bigEndian: header.isBigEndian)
    return StoredPixels(bytes: bytes, columns: columns, rows: rows, samples: samples, type: header.type)
  }

  /// A picture whose numbers lie apart, the first axis running fastest.
  private func gathered(_ frame: Int) throws(DecodeFailure) -> StoredPixels {
    let width = header.type.width
    let all = try source.numbers(at: header.offset, count: header.count, width: width, bigEndian: header.isBigEndian)
    let (item, slice) = (frame / slices, frame % slices)
    // Steps of items, slices, rows, columns and samples; axes that are not there have one element.
    let steps = [1, items, items * slices, items * slices * rows, items * slices * rows * columns]
    var bytes = [UInt8]()
    bytes.reserveCapacity(pictureBytes)
    for y in 0..<rows {
      for x in 0..<columns {
        for k in 0..<samples {
          let place = (item + slice * steps[1] + y * steps[2] + x * steps[3] + k * steps[4]) * width
          bytes += all[place..<place + width]
        }
      }
    }
    return StoredPixels(bytes: bytes, columns: columns, rows: rows, samples: samples, type: header.type)
  }

  /// 8-bit numbers without sign over their range, truth values as black and white, floating ones as they are where all that are looked at lie in 0…1;
  /// all others through one window for the whole array, from their 0.5th to their 99.5th percentile.
  func rendered(_ stored: StoredPixels) throws(DecodeFailure) -> (Picture, Rendering) {
    if header.type == .uint8 && !header.isBoolean {
      return (samples == 4 ? stored.overBlack() : Picture(stored), .stored)
    }
    let (window, rendering) = try chooseWindow()
    return (ValueWindow.picture(stored.keeping(first: min(samples, 3)), window), rendering)
  }

  private func chooseWindow() throws(DecodeFailure) -> (ValueWindow, Rendering) {
    if let window { return window }
    if header.isBoolean { return (ValueWindow(low: 0, high: 1), .stored) }
    let values = try source.sample(
      at: header.offset, count: header.count, type: header.type, bigEndian: header.isBigEndian)
    let isFloating = header.type == .float32 || header.type == .float64
    let isShade = isFloating && values.allSatisfy { $0.isNaN || ($0 >= 0 && $0 <= 1) }
    let chosen: (ValueWindow, Rendering) =
      isShade ? (ValueWindow(low: 0, high: 1), .stored) : (.percentiles(of: values), .percentiles)
    window = chosen
    return chosen
  }
}
