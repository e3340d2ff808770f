import CGDCM
import COpenSlide
import CVips

/// The decoders this program is linked with.
public enum ImagingLibraries {
  /// Name and version of each, where the library tells one.
  public static var versions: [(String, String)] {
    [
      ("gdcm", String(cString: cgdcm_version())), ("vips", String(cString: vips_version_string())),
      ("ffmpeg", VideoStream.libraryVersion),
      ("openslide", openslide_get_version().map { String(cString: $0) } ?? ""),
    ]
  }
}
