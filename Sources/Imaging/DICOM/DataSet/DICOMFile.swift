import Foundation

/// One open DICOM file (PS3.10): its data set, and the bytes of each frame.
///
/// Reads any file that pydicom's `dcmread(force=True)` reads: without preamble, without meta information, big endian, deflated, cut short.
/// Opening costs the headers; pixel bytes are touched when frames are asked for. Safe on any bytes.
package final class DICOMFile {
  /// The file meta information (group 0002); empty where the file has none.
  package let meta: DICOMDataSet
  package let dataSet: DICOMDataSet
  /// As the file states it, else as it looks; never empty.
  package let transferSyntax: String
  private let parser: DICOMParser
  private let limit: Int
  private var frameTable: FrameTable?

  /// Maps the file and finds its elements.
  /// - Throws: `missing_file`, `permission_denied`, `unreadable`, `empty_file`; `corrupt` where there is no data set.
  package convenience init(_ path: String) throws(DecodeFailure) {
    try self.init(DICOMBytes(mapping: path))
  }

  /// A file that is in memory.
  package convenience init(contents: [UInt8]) throws(DecodeFailure) {
    try self.init(DICOMBytes(contents))
  }

  private init(_ file: DICOMBytes) throws(DecodeFailure) {
    let little = DICOMParser(bytes: file, isBigEndian: false)
    var start = DICOMFile.startsWithPrefix(file, at: 128) ? 132 : DICOMFile.startsWithPrefix(file, at: 0) ? 4 : 0
    let metaEnd = DICOMFile.end(ofGroup: 0x0002, from: start, isExplicit: true, little)
    meta = DICOMDataSet(little, from: start, to: metaEnd, limit: metaEnd, isExplicit: true, isItem: false)
    // Commands of the network, which some programs leave in files (PS3.7 6.3).
    start = DICOMFile.end(ofGroup: 0x0000, from: metaEnd, isExplicit: false, little)

    let stated = meta.text(.transferSyntax)
    var bytes = file
    if stated == TransferSyntax.deflated {
      bytes = try DeflatedDataSet.inflate(file, from: start)
      start = 0
    }
    let encoding = DICOMFile.encoding(stated, bytes, at: start)
    parser = DICOMParser(bytes: bytes, isBigEndian: encoding.isBigEndian)
    limit = bytes.count
    dataSet = DICOMDataSet(
      parser, from: start, to: bytes.count, limit: bytes.count, isExplicit: encoding.isExplicit, isItem: false)
    if dataSet.elements.isEmpty && meta.elements.isEmpty {
      throw DecodeFailure(.corrupt, "the file is no readable DICOM data set")
    }
    transferSyntax = stated.isEmpty ? DICOMFile.guess(dataSet, parser, encoding) : stated
  }

  // MARK: Encoding

  private static func startsWithPrefix(_ bytes: DICOMBytes, at offset: Int) -> Bool {
    bytes.array(offset..<offset + 4) == Array("DICM".utf8)
  }

  /// Where the elements of a group at the beginning of a data set end.
  private static func end(ofGroup group: UInt16, from start: Int, isExplicit: Bool, _ parser: DICOMParser) -> Int {
    var position = start
    let limit = parser.bytes.count
    while let header = parser.header(at: position, limit: limit, isExplicit: isExplicit), header.tag.group == group {
      let (end, overflow) = header.start.addingReportingOverflow(Int(header.length))
      if overflow || end > limit { break }
      position = end
    }
    return position
  }

  /// By the transfer syntax, and where the first element contradicts it by that, as pydicom does.
  private static func encoding(
    _ syntax: String, _ bytes: DICOMBytes, at start: Int
  ) -> (isExplicit: Bool, isBigEndian: Bool) {
    let letters = bytes.word(start + 4, isBigEndian: true).map { DICOMRepresentation(letters: $0) }
    let looksExplicit = letters?.isLetters ?? false
    guard syntax.isEmpty else { return (looksExplicit, syntax == TransferSyntax.explicitBigEndian) }
    // A low group read in the wrong order is a high one.
    let isBigEndian = looksExplicit && (bytes.word(start) ?? 0) >= 1024
    return (looksExplicit, isBigEndian)
  }

  /// The transfer syntax of a file that does not state it: by its encoding, and by the first bytes of its code streams.
  private static func guess(
    _ dataSet: DICOMDataSet, _ parser: DICOMParser, _ encoding: (isExplicit: Bool, isBigEndian: Bool)
  ) -> String {
    if encoding.isBigEndian { return TransferSyntax.explicitBigEndian }
    let native = encoding.isExplicit ? TransferSyntax.explicitLittleEndian : TransferSyntax.implicitLittleEndian
    guard let pixels = dataSet.element(.pixelData), parser.startsWithItem(pixels.value) else { return native }
    let fragments = FragmentReader(parser: parser, value: pixels.value)
    guard let table = fragments.fragment(at: pixels.value.lowerBound),
      let first = fragments.fragment(at: table.upperBound)
    else { return native }
    return TransferSyntax.ofCodeStream(parser.bytes.array(first.prefix(4096))) ?? native
  }
}

// MARK: Pixels

extension DICOMFile {
  /// What the header says of the pixels.
  /// - Throws: `no_pixels`, `truncated` where the file ends before them, `corrupt`, `too_large`.
  package var pixelDescription: PixelDescription {
    get throws(DecodeFailure) {
      let (_, number) = try pixelElement()
      guard let rows = dataSet.integer(.rows), let columns = dataSet.integer(.columns),
        let allocated = number == .integer
          ? dataSet.integer(.bitsAllocated) : dataSet.integer(.bitsAllocated) ?? (number == .float32 ? 32 : 64)
      else { throw DecodeFailure(.corrupt, "the header does not describe the pixel data") }
      try DecodingLimits.check(width: columns, height: rows)
      let samples = dataSet.integer(.samplesPerPixel) ?? 1
      let stored = dataSet.integer(.bitsStored) ?? allocated
      guard samples >= 1, allocated >= 1 else { throw DecodeFailure(.corrupt, "a pixel of no bits") }
      let photometric = dataSet.text(.photometricInterpretation)
      var description = PixelDescription(
        rows: rows, columns: columns, samples: samples, bitsAllocated: allocated, bitsStored: stored,
        highBit: dataSet.integer(.highBit) ?? stored - 1, isSigned: dataSet.integer(.pixelRepresentation) == 1,
        isPlanar: dataSet.integer(.planarConfiguration) == 1,
        photometric: photometric.isEmpty ? (samples == 3 ? "RGB" : "MONOCHROME2") : photometric, number: number)
      if isFullColourCalledSubsampled(description) { description.photometric = "YBR_FULL" }
      return description
    }
  }

  /// The transfer syntax of what `withFrame` hands out: the file's, but Explicit VR Little Endian for native frames.
  package var frameTransferSyntax: String {
    isEncapsulated ? transferSyntax : TransferSyntax.explicitLittleEndian
  }

  /// Frames as the header states them, 1 where it does not; only what pixel data can hold.
  ///
  /// Of a file cut short: the frames that are whole, and one more, which fails.
  /// - Throws: as `pixelDescription`, and `truncated` where no frame is whole.
  package var frameCount: Int {
    get throws(DecodeFailure) { try frames().count }
  }

  /// Frames as the header states them: at least 1.
  package var statedFrameCount: Int {
    let stated = dataSet.integer(.numberOfFrames) ?? 1
    return min(max(stated, 1), Int(Int32.max))
  }

  /// Hands out the bytes of one frame: native ones little endian and beginning with a byte, encapsulated ones joined of their fragments.
  ///
  /// Frames that lie in one piece are not copied. - Complexity: O(bytes of the frame) where they are copied or turned round.
  /// - Throws: as `frameCount`; `truncated` for a frame that is not whole; what `body` throws.
  package func withFrame<R>(
    _ index: Int, _ body: (UnsafeRawBufferPointer) throws(DecodeFailure) -> R
  ) throws(DecodeFailure) -> R {
    let table = try frames()
    guard index >= 0, index < table.count else { throw DecodeFailure(.truncated, "frame \(index) of \(table.count)") }
    switch table.layout {
    case .native(let bits): return try withNativeFrame(index, bits, table.extent, body)
    default: return try withFragments(try fragments(index, table), body)
    }
  }

  /// The pixel element that is there, and what its samples are. Pixel Data wins.
  private func pixelElement() throws(DecodeFailure) -> (DICOMElement, PixelDescription.Number) {
    if let element = dataSet.element(.pixelData) { return (element, .integer) }
    if let element = dataSet.element(.floatPixelData) { return (element, .float32) }
    if let element = dataSet.element(.doublePixelData) { return (element, .float64) }
    throw dataSet.isCut
      ? DecodeFailure(.truncated, "the file ends before its pixels begin")
      : DecodeFailure(.noPixels, "the file holds no pixel data")
  }

  /// Whether the pixel data is made of fragments that a codec reads. Some files hold native pixels under the name of a codec, or the other way round.
  private var isEncapsulated: Bool {
    guard let (element, _) = try? pixelElement() else { return false }
    if TransferSyntax.native.contains(transferSyntax) { return false }
    return element.isUndefinedLength || parser.startsWithItem(element.value)
      || TransferSyntax.ofCodeStream(parser.bytes.array(element.value.prefix(4096))) != nil
  }

  /// Native pixels called YBR_FULL_422 that are not subsampled: twice as many chroma samples are there as there should be.
  private func isFullColourCalledSubsampled(_ description: PixelDescription) -> Bool {
    guard description.photometric == "YBR_FULL_422", description.samples == 3, !isEncapsulated,
      let (element, _) = try? pixelElement(), !element.isUndefinedLength
    else { return false }
    let full = description.rows * description.columns * 3 * ((description.bitsAllocated + 7) / 8)
    let (wanted, overflow) = full.multipliedReportingOverflow(by: statedFrameCount)
    return !overflow && element.value.count >= wanted
  }

  private func frames() throws(DecodeFailure) -> FrameTable {
    if let frameTable { return frameTable }
    let description = try pixelDescription
    let (element, _) = try pixelElement()
    let table =
      isEncapsulated ? encapsulatedTable(element) : try nativeTable(element, description)
    if table.count == 0 { throw DecodeFailure(.truncated, "the file ends before its first picture does") }
    frameTable = table
    return table
  }

  private func nativeTable(
    _ element: DICOMElement, _ description: PixelDescription
  ) throws(DecodeFailure) -> FrameTable {
    // Two pixels of YBR_FULL_422 share their chroma (PS3.3 C.7.6.3.1.2).
    let isSubsampled = description.photometric == "YBR_FULL_422" && description.samples == 3
    let pixels = description.rows * description.columns
    let (samples, tooMany) = pixels.multipliedReportingOverflow(by: isSubsampled ? 2 : description.samples)
    let (bits, overflow) = samples.multipliedReportingOverflow(by: description.bitsAllocated)
    guard !tooMany, !overflow, bits <= DecodingLimits.pixels * 64 * 3 else {
      throw DecodeFailure(.unsupportedEncoding, "\(description.samples) samples of \(description.bitsAllocated) bits")
    }
    var extent = element.value
    if element.isUndefinedLength {
      // Native pixels in a fragment.
      let reader = FragmentReader(parser: parser, value: element.value)
      let fragments = reader.fragments(in: element.value).filter { !$0.isEmpty }
      guard fragments.count == 1 else {
        throw DecodeFailure(.unsupportedEncoding, "native pixel data in \(fragments.count) pieces")
      }
      extent = fragments[0]
    }
    let (available, _) = extent.count.multipliedReportingOverflow(by: 8)
    let whole = available / bits
    let stated = statedFrameCount
    let count = whole >= stated ? stated : whole == 0 ? 0 : whole + 1
    return FrameTable(layout: .native(bitsPerFrame: bits), extent: extent, count: count)
  }

  private func encapsulatedTable(_ element: DICOMElement) -> FrameTable {
    let stated = statedFrameCount
    guard element.isUndefinedLength || parser.startsWithItem(element.value) else {
      // A bare code stream.
      return FrameTable(layout: .fragments([[element.value]]), extent: element.value, count: element.isCut ? 0 : 1)
    }
    let reader = FragmentReader(parser: parser, value: element.value)
    let extended = dataSet.bytes(.extendedOffsetTable).flatMap { offsets in
      dataSet.bytes(.extendedOffsetTableLengths).map { (offsets, $0) }
    }
    var table = reader.table(frames: stated, extended: extended)
    switch table.layout {
    case .extended(let offsets, _):
      let there = offsets.prefix { $0 < UInt64(table.extent.count) }.count
      table.count = min(stated, there == 0 ? 0 : there + 1)
    case .basic(let offsets):
      let there = offsets.prefix { $0 < table.extent.count }.count
      table.count = min(stated, there == 0 ? 0 : there + 1)
    case .fragments(let frames):
      if frames.count < stated && !frames.isEmpty { table.count = frames.count + 1 }
    case .native: break
    }
    return table
  }

  /// All fragments of the pixel data in the order of the file, and whether the file ends before their delimiter.
  /// - Throws: `no_pixels`, `truncated`.
  func pixelFragments() throws(DecodeFailure) -> (fragments: [Range<Int>], isCutShort: Bool) {
    let (element, _) = try pixelElement()
    guard element.isUndefinedLength || parser.startsWithItem(element.value) else {
      return ([element.value], element.isCut)
    }
    let reader = FragmentReader(parser: parser, value: element.value)
    // The first item is the table of offsets.
    let all = reader.fragments(in: element.value)
    guard let last = all.last else { return ([], true) }
    return (Array(all.dropFirst()), !reader.isWhole(last) || element.isUndefinedLength && !reader.isDelimited(last))
  }

  /// Borrows bytes of the file, or of what it was inflated to.
  func withBytes<R>(of range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    parser.bytes.withBytes(range, body)
  }

  private func fragments(_ index: Int, _ table: FrameTable) throws(DecodeFailure) -> [Range<Int>] {
    let cut = DecodeFailure(.truncated, "the file ends before this frame does")
    guard let (element, _) = try? pixelElement() else { throw cut }
    let reader = FragmentReader(parser: parser, value: element.value)
    switch table.layout {
    case .extended(let offsets, let lengths):
      guard offsets[index] < UInt64(table.extent.count) else { throw cut }
      guard let fragment = reader.fragment(at: table.extent.lowerBound + Int(offsets[index])) else {
        throw DecodeFailure(.corrupt, "the offset of a frame is wrong")
      }
      guard lengths[index] <= UInt64(fragment.count) else { throw cut }
      return [fragment.prefix(Int(lengths[index]))]
    case .basic(let offsets):
      guard offsets[index] < table.extent.count else { throw cut }
      // Where the next frame would begin behind the end, this one is not whole.
      let next = index + 1 < offsets.count ? offsets[index + 1] : table.extent.count
      guard next <= table.extent.count else { throw cut }
      let fragments = reader.fragments(
        in: table.extent.lowerBound + offsets[index]..<table.extent.lowerBound + next)
      guard let last = fragments.last else { throw DecodeFailure(.corrupt, "the offset of a frame is wrong") }
      guard fragments.allSatisfy(reader.isWhole) else { throw cut }
      if index + 1 == offsets.count && !reader.isDelimited(last) && reader.startsCodeStream(fragments[0])
        && !reader.endsCodeStream(last)
      {
        throw cut
      }
      return fragments
    case .fragments(let frames):
      guard index < frames.count, frames[index].first == element.value || frames[index].allSatisfy(reader.isWhole)
      else { throw cut }
      return frames[index]
    case .native: throw cut
    }
  }

  private func withFragments<R>(
    _ fragments: [Range<Int>], _ body: (UnsafeRawBufferPointer) throws(DecodeFailure) -> R
  ) throws(DecodeFailure) -> R {
    if fragments.count == 1 { return try parser.bytes.withBytes(fragments[0], body) }
    var joined: [UInt8] = []
    joined.reserveCapacity(fragments.reduce(0) { $0 + $1.count })
    for fragment in fragments { parser.bytes.withBytes(fragment) { joined.append(contentsOf: $0) } }
    return try joined.withBytes(body)
  }

  private func withNativeFrame<R>(
    _ index: Int, _ bits: Int, _ extent: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(DecodeFailure) -> R
  ) throws(DecodeFailure) -> R {
    let (firstBit, overflow) = index.multipliedReportingOverflow(by: bits)
    guard !overflow, firstBit + bits <= extent.count * 8 else {
      throw DecodeFailure(.truncated, "the file ends before this frame does")
    }
    let range = extent.lowerBound + firstBit / 8..<extent.lowerBound + (firstBit + bits + 7) / 8
    let size = swappedSize
    if size == 1 && firstBit % 8 == 0 { return try parser.bytes.withBytes(range, body) }
    if firstBit % 8 != 0 {
      return try shifted(parser.bytes.array(range), by: firstBit % 8, bits: bits).withBytes(body)
    }
    // Words may begin before the frame and end behind it.
    let before = (range.lowerBound - extent.lowerBound) % size
    let whole =
      range.lowerBound
      - before..<min(range.upperBound + (size - (before + range.count) % size) % size, extent.upperBound)
    var turned = parser.bytes.array(whole)
    turned.swapBytes(of: size)
    return try turned.withBytes { (raw) throws(DecodeFailure) in
      try body(UnsafeRawBufferPointer(rebasing: raw[before..<min(before + range.count, raw.count)]))
    }
  }

  /// Bytes of the numbers that are to be turned round: those of a sample, or the two of a word of Pixel Data that holds bytes (PS3.5 8.1).
  private var swappedSize: Int {
    guard parser.isBigEndian, let (element, number) = try? pixelElement() else { return 1 }
    let allocated = number == .float64 ? 64 : number == .float32 ? 32 : dataSet.integer(.bitsAllocated) ?? 8
    switch allocated {
    case 16, 32, 64: return allocated / 8
    case 8: return element.representation == .otherWord ? 2 : 1
    default: return 1
    }
  }

  /// Bits of a frame moved so that its first one is the lowest of the first byte.
  private func shifted(_ bytes: [UInt8], by shift: Int, bits: Int) -> [UInt8] {
    (0..<(bits + 7) / 8).map { index in
      bytes[index] >> UInt8(shift) | (index + 1 < bytes.count ? bytes[index + 1] << UInt8(8 - shift) : 0)
    }
  }
}

extension [UInt8] {
  fileprivate func withBytes<R>(
    _ body: (UnsafeRawBufferPointer) throws(DecodeFailure) -> R
  ) throws(DecodeFailure) -> R {
    var result: Result<R, DecodeFailure>?
    withUnsafeBytes { raw in
      do throws(DecodeFailure) { result = .success(try body(raw)) } catch { result = .failure(error) }
    }
    return try result!.get()
  }
}
