import CTIFF
import Records

/// Owns an open TIFF file of libtiff and the list of its pages.
final class TIFFFile {
  /// A page (an image file directory) and where it lies.
  struct Page {
    let offset: UInt64
    let header: ctiff_page

    var width: Int { Int(header.width) }
    var height: Int { Int(header.height) }
  }

  let handle: OpaquePointer
  /// Every directory of the main chain, in order; there is one at least.
  private(set) var pages: [Page] = []
  private let size: Int64

  /// libtiff itself refuses chains that are longer.
  private static let mostPages = 65_535

  /// - Throws: `truncated` where the first directory lies beyond the end, `corrupt`.
  init(_ path: String) throws(DecodeFailure) {
    size = try FileState(path).size
    guard let handle = ctiff_open(path, tmsize_t(DecodingLimits.bytes)) else {
      throw DecodeFailure(.corrupt, "libtiff cannot read the TIFF directory, or it lies beyond the end of the file")
    }
    self.handle = handle
    while true {
      pages.append(Page(offset: TIFFCurrentDirOffset(handle), header: ctiff_read_page(handle)))
      if TIFFLastDirectory(handle) != 0 { break }
      guard pages.count < TIFFFile.mostPages else {
        throw DecodeFailure(.tooLarge, "a TIFF file of more than \(TIFFFile.mostPages) pages")
      }
      // A page that is announced and cannot be read must not be missed in silence.
      guard TIFFReadDirectory(handle) == 1 else {
        throw DecodeFailure(.corrupt, "a page of the TIFF file lies beyond its end, or its directory is damaged")
      }
    }
  }

  deinit { TIFFClose(handle) }

  /// Makes `page` the one that is read.
  func select(_ page: Page) throws(DecodeFailure) {
    if TIFFCurrentDirOffset(handle) == page.offset { return }
    guard TIFFSetSubDirectory(handle, page.offset) == 1 else {
      throw DecodeFailure(.corrupt, "a page of the TIFF file cannot be read")
    }
  }

  /// Why piece `index` of the open page could not be read.
  func failure(_ index: UInt32) -> DecodeFailure {
    let end = TIFFGetStrileOffset(handle, index).addingReportingOverflow(TIFFGetStrileByteCount(handle, index))
    if end.overflow || end.partialValue > UInt64(size) {
      return DecodeFailure(.truncated, "the TIFF file ends before its pixels do")
    }
    return DecodeFailure(.corrupt, "a strip or tile of the TIFF file cannot be decoded")
  }
}
