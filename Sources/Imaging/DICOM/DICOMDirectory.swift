import Foundation
import Records

/// A DICOMDIR: the index of a medium, which holds no picture but names the files that do (PS3.3 F, PS3.10 8.6).
package enum DICOMDirectory {
  private static let storageClass = "1.2.840.10008.1.3.10"

  package static func isDirectory(_ file: DICOMFile) -> Bool {
    file.meta.text(.mediaStorageSOPClass) == storageClass || file.dataSet.contains(.directoryRecordSequence)
  }

  /// The files that a DICOMDIR names and that exist, relative to its folder, each once, in the order of the records.
  ///
  /// Letters may be upper case in the index and lower case on the disk, and end there in `;1` or `.` as ISO 9660 has it. Names that lead
  /// out of the folder are left out.
  /// - Throws: `corrupt` for a file that is no DICOMDIR, and as `DICOMFile.init`.
  package static func referencedFiles(_ path: String) throws(DecodeFailure) -> [String] {
    let file = try DICOMFile(path)
    guard isDirectory(file) else { throw DecodeFailure(.corrupt, "the file is no DICOMDIR") }
    var folders = FolderNames(root: URL(filePath: path).deletingLastPathComponent().path)
    var known: Set<String> = []
    var found: [String] = []
    for record in file.dataSet.items(.directoryRecordSequence) {
      let components = record.texts(.referencedFileID)
      guard !components.isEmpty, let relative = folders.match(components), known.insert(relative).inserted else {
        continue
      }
      found.append(relative)
    }
    return found
  }

  /// Names in folders as they are on the disk, each folder listed once.
  private struct FolderNames {
    let root: String
    private var listed: [String: [String: String]] = [:]

    init(root: String) { self.root = root }

    mutating func match(_ components: [String]) -> String? {
      var relative = ""
      for component in components {
        guard !component.isEmpty, component != ".", component != "..", !component.contains("/") else { return nil }
        guard let name = names(relative)[FolderNames.plain(component)] else { return nil }
        relative = relative.isEmpty ? name : relative + "/" + name
      }
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: root + "/" + relative, isDirectory: &isFolder)
      return exists && !isFolder.boolValue ? relative : nil
    }

    private mutating func names(_ folder: String) -> [String: String] {
      if let names = listed[folder] { return names }
      let all =
        (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? root : root + "/" + folder)) ?? []
      // Of names that differ in case alone the first in order.
      let names = Dictionary(all.sorted().map { (FolderNames.plain($0), $0) }, uniquingKeysWith: { first, _ in first })
      listed[folder] = names
      return names
    }

    /// Upper case, without a version number or a last dot.
    private static func plain(_ name: String) -> String {
      var name = name.uppercased()
      if let semicolon = name.lastIndex(of: ";") { name = String(name[..<semicolon]) }
      if name.hasSuffix(".") { name.removeLast() }
      return name
    }
  }
}
