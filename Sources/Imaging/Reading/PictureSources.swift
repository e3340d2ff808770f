import Foundation
import Records

/// Opens a file by the reader of its format: the one place where formats and readers meet.
package enum PictureSources {
  /// - Throws: what keeps the file as a whole from being read.
  package static func open(_ path: String, _ options: ReadingOptions) throws(DecodeFailure) -> any PictureSource {
    let prefix = try prefix(of: path)
    if NIfTIPair.isPixelFile(path) {
      throw DecodeFailure(.companionFile, "it holds the pixels of the header beside it, and is read with that")
    }
    let known = FileFormat(prefix: prefix)
    if let slide = try SlideFormats.open(path, known, options) { return slide }
    guard let format = known else {
      throw DecodeFailure(.unknownFormat, "the first bytes are those of no image format that is read")
    }
    switch format {
    case .dicom:
      let file = try DICOMFile(path)
      if let slide = try DICOMSlides.open(file, at: path, options) { return slide }
      if file.isVideo { return try VideoSource(file, options.clip) }
      return try DICOMSource(file, options)
    case .gif, .video: return try VideoSource(path, format, options.clip)
    case .jpeg: return try SlideFormats.cut(SinglePicture(try JPEGDecoder.read(path, options)), options)
    case .png: return try SlideFormats.cut(SinglePicture(try PNGDecoder.read(path)), options)
    case .tiff: return try SlideFormats.cut(TIFFSource(path), options)
    case .webp: return try AnimationSource(path, options)
    case .pnm: return try SlideFormats.cut(SinglePicture(try PNMDecoder.read(path)), options)
    case .jpeg2000: return try SlideFormats.cut(SinglePicture(try JPEG2000Decoder.read(path, options)), options)
    case .bmp, .jpegxl, .slide:
      return try SlideFormats.cut(SinglePicture(try VipsDecoder.decode(path, format)), options)
    case .nifti: return try NIfTISource(path, options)
    case .npy, .npz: return try NumPySource(path, format, options)
    }
  }

  /// Whether a file begins as DICOM does.
  static func looksLikeDICOM(_ path: String) -> Bool {
    guard let prefix = try? prefix(of: path) else { return false }
    return FileFormat(prefix: prefix) == .dicom
  }

  private static func prefix(of path: String) throws(DecodeFailure) -> [UInt8] {
    let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw FileState.failure(errno) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: FileFormat.prefixLength)
    var count = 0
    while count < bytes.count {
      let length = bytes.count
      let got = bytes.withUnsafeMutableBytes { Foundation.read(descriptor, $0.baseAddress! + count, length - count) }
      if got < 0 && errno == EINTR { continue }
      if got < 0 { throw FileState.failure(errno) }
      if got == 0 { break }
      count += got
    }
    return Array(bytes.prefix(count))
  }
}
