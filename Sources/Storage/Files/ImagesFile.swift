public import Foundation
public import Records
public import Tensors

/// `images.h5`: decoded pixels of all accepted images at one size, which training, embedding and thumbnails share.
///
///     /pixels     (N, C, H, W) uint8 or uint16, C = 1 (grey) or 3 (red, green, blue), in chunks of about 1 MiB of whole images
///     /ids        (N) UTF-8 text of fixed length, padded with zeros
///     /paths      (N) likewise: where the image lay below the input root, if known
///     attributes  format = "medoid-images", format_version = 1, preprocessing (one line of canonical JSON)
public struct ImagesFile: PixelSource {
  public static let format = "medoid-images"
  public static let formatVersion: Int64 = 1

  public let ids: [ImageID]
  /// Relative to the input root; empty where nobody said.
  public let paths: [String]
  /// What was done to the pixels, in one line of canonical JSON.
  public let preprocessing: String
  private let pixels: HDF5Dataset

  /// Images in the file, and the shape of one.
  public var count: Int { pixels.shape[0] }
  public var channels: Int { pixels.shape[1] }
  public var height: Int { pixels.shape[2] }
  public var width: Int { pixels.shape[3] }
  /// 8 or 16.
  public var bits: Int { pixels.scalarType == .uint8 ? 8 : 16 }

  /// Opens a file; pixels stay in it until asked for.
  /// - Throws: `HDF5Error` if it can't be read, `FormatError` if it is not such a file.
  public init(reading url: URL) throws {
    let file = try HDF5File(reading: url)
    try file.checkFormat(ImagesFile.format, version: ImagesFile.formatVersion)
    pixels = try file.dataset("/pixels", axes: 4, wanted: "(N, 1 or 3, H, W)")
    guard pixels.shape[1] == 1 || pixels.shape[1] == 3 else {
      throw FormatError(
        path: file.path, problem: .wrongShape(object: "/pixels", found: pixels.shape, wanted: "(N, 1 or 3, H, W)"))
    }
    guard pixels.scalarType == .uint8 || pixels.scalarType == .uint16 else {
      throw FormatError(path: file.path, problem: .wrongType(object: "/pixels", wanted: "uint8 or uint16"))
    }
    ids = try file.readIDs(rows: pixels.shape[0])
    paths = try file.readPaths(rows: pixels.shape[0])
    preprocessing = try file.requiredText("preprocessing")
  }

  /// Images `range`, or all of them, in memory. - Complexity: O(range.count · C · H · W).
  /// - Precondition: `range` lies within the images.
  public func stack(_ range: Range<Int>? = nil) throws -> PixelStack {
    let range = range ?? 0..<count
    let samples: PixelStack.Samples =
      bits == 8
      ? .bits8(try pixels.readRows(range, UInt8.self)) : .bits16(try pixels.readRows(range, UInt16.self))
    return PixelStack(count: range.count, channels: channels, height: height, width: width, samples: samples)
  }

  public func block(_ range: Range<Int>) throws -> PixelStack { try stack(range) }

  /// Writes a stack that is in memory.
  /// - Precondition: one id an image.
  public static func write(
    _ stack: PixelStack, ids: [ImageID], paths: [String] = [], preprocessing: String, to url: URL,
    compression: HDF5Compression = .none
  ) throws {
    precondition(ids.count == stack.count, "\(ids.count) ids for \(stack.count) images")
    let shape = [stack.count, stack.channels, stack.height, stack.width]
    try HDF5File.write(to: url) { file in
      try writeHead(of: file, ids: ids, paths: paths, preprocessing: preprocessing)
      switch stack.samples {
      case .bits8(let values): try file.write(values, shape: shape, to: "/pixels", compression: compression)
      case .bits16(let values): try file.write(values, shape: shape, to: "/pixels", compression: compression)
      }
    }
  }

  /// Writes images as they are decoded: `body` appends `ids.count` images of `channels · height · width` samples, in the order of `ids`.
  ///
  ///     try ImagesFile.write(UInt16.self, ids: ids, channels: 1, height: 224, width: 224, preprocessing: json, to: url) { writer in
  ///       for image in images { try writer.append(image) }
  ///     }
  /// - Precondition: `Sample` is `UInt8` or `UInt16`; one image an id.
  public static func write<Sample: HDF5Element>(
    _: Sample.Type, ids: [ImageID], paths: [String] = [], channels: Int, height: Int, width: Int, preprocessing: String,
    to url: URL,
    compression: HDF5Compression = .none, _ body: (_ writer: HDF5RowWriter<Sample>) throws -> Void
  ) throws {
    precondition(Sample.scalarType == .uint8 || Sample.scalarType == .uint16, "pixels of \(Sample.self)")
    precondition(channels == 1 || channels == 3, "\(channels) channels")
    try HDF5File.write(to: url) { file in
      try writeHead(of: file, ids: ids, paths: paths, preprocessing: preprocessing)
      let writer = try file.appendRows(
        of: Sample.self, to: "/pixels", rowShape: [channels, height, width], rows: ids.count, compression: compression)
      try body(writer)
      try writer.finish()
    }
  }

  /// Which images a file of unknown length will hold: how many, the bytes of their longest id and path, and they themselves, in order.
  public struct Names {
    public var count: Int
    public var longestID: Int
    public var longestPath: Int
    public var forEach: (_ body: (_ id: ImageID, _ path: String) throws -> Void) throws -> Void

    public init(
      count: Int, longestID: Int, longestPath: Int,
      forEach: @escaping (_ body: (_ id: ImageID, _ path: String) throws -> Void) throws -> Void
    ) {
      self.count = count
      self.longestID = longestID
      self.longestPath = longestPath
      self.forEach = forEach
    }
  }

  /// As above, for more images than memory holds the names of: `names` is gone through twice.
  public static func write<Sample: HDF5Element>(
    _: Sample.Type, names: Names, channels: Int, height: Int, width: Int, preprocessing: String, to url: URL,
    _ body: (_ writer: HDF5RowWriter<Sample>) throws -> Void
  ) throws {
    precondition(Sample.scalarType == .uint8 || Sample.scalarType == .uint16, "pixels of \(Sample.self)")
    precondition(channels == 1 || channels == 3, "\(channels) channels")
    try HDF5File.write(to: url) { file in
      try file.setFormat(format, version: formatVersion)
      try file.setAttribute("preprocessing", to: .string(preprocessing))
      try file.writeTexts(count: names.count, longest: names.longestID, to: "/ids") { append in
        try names.forEach { id, _ in try append(id.rawValue) }
      }
      try file.writeTexts(count: names.count, longest: names.longestPath, to: "/paths") { append in
        try names.forEach { _, path in try append(path) }
      }
      let writer = try file.appendRows(
        of: Sample.self, to: "/pixels", rowShape: [channels, height, width], rows: names.count)
      try body(writer)
      try writer.finish()
    }
  }

  private static func writeHead(of file: HDF5File, ids: [ImageID], paths: [String], preprocessing: String) throws {
    try file.setFormat(format, version: formatVersion)
    try file.setAttribute("preprocessing", to: .string(preprocessing))
    try file.writeImages(ids, paths)
  }
}
