import Foundation

/// A reader under test: which seed files it starts from.
enum FuzzReader: String, CaseIterable {
  case dicom, jpeg, png, tiff, webp, bmp, gif, jpeg2000, jpegxl, pnm, nifti, npz, slide, video, zip, tar

  /// Endings of the names of seed files; the empty one stands for names without any.
  private var endings: Set<String> {
    switch self {
    case .dicom: ["dcm", "dicom", ""]
    case .jpeg: ["jpg", "jpeg"]
    case .png: ["png"]
    case .tiff: ["tif", "tiff"]
    case .webp: ["webp"]
    case .bmp: ["bmp"]
    case .gif: ["gif"]
    case .jpeg2000: ["jp2", "j2k", "jpx"]
    case .jpegxl: ["jxl"]
    case .pnm: ["ppm", "pgm", "pbm"]
    case .nifti: ["nii", "gz", "hdr"]
    case .npz: ["npz", "npy"]
    case .slide: ["svs", "ndpi", "tif", "tiff", "scn"]
    case .video: ["mp4", "mov", "avi", "mpg", "mpeg", "gif", "mkv", "webm", "ts", "h264", "hevc"]
    case .zip: ["zip"]
    case .tar: ["tar", "tgz"]
    }
  }

  /// What children know the input by: some readers look at the ending too.
  func name(_ number: Int, like seed: URL) -> String {
    seed.pathExtension.isEmpty ? "\(number)" : "\(number).\(seed.pathExtension)"
  }

  /// The seed files below some folders, sorted by path.
  func seeds(in folders: [URL], largest: Int) throws -> [URL] {
    var found: [URL] = []
    for folder in folders {
      guard let names = FileManager.default.enumerator(atPath: folder.path) else {
        throw FuzzUsage("\(folder.path) is no folder")
      }
      for case let name as String in names {
        let file = folder.appending(path: name)
        let size = (try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int) ?? 0
        let type = try? FileManager.default.attributesOfItem(atPath: file.path)[.type] as? FileAttributeType
        guard type == .typeRegular, size > 0, size <= largest, endings.contains(file.pathExtension.lowercased()) else {
          continue
        }
        found.append(file)
      }
    }
    return found.sorted { $0.path < $1.path }
  }
}
