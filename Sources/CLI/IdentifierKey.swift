import Foundation

/// The key by which patient-like identifiers are hashed: `--key FILE`, else `MEDOID_KEY`, else one made once in the store.
enum IdentifierKey {
  /// - Parameter mayCreate: false while planning: without a key there are no results either, so any will do.
  /// - Throws: `WrongUsage` for a key file that can't be read or is empty.
  static func load(file: String?, store: URL, mayCreate: Bool) throws -> Data {
    if let path = file {
      guard let key = FileManager.default.contents(atPath: path), !key.isEmpty else {
        throw WrongUsage("the key file \(path) can't be read or is empty")
      }
      return key
    }
    if let text = ProcessInfo.processInfo.environment["MEDOID_KEY"], !text.isEmpty { return Data(text.utf8) }
    let place = store.appending(path: "identifier.key")
    if let key = FileManager.default.contents(atPath: place.path), !key.isEmpty { return key }
    var generator = SystemRandomNumberGenerator()
    let key = Data((0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    if !mayCreate { return key }
    try FileManager.default.createDirectory(at: store, withIntermediateDirectories: true)
    // Exclusive creation: of two runs that start at once, one makes the key and the other reads it.
    let descriptor = open(place.path, O_WRONLY | O_CREAT | O_EXCL, 0o600)
    if descriptor < 0 {
      guard let known = FileManager.default.contents(atPath: place.path), !known.isEmpty else {
        throw WrongUsage("can't make a key for identifiers in \(store.path)")
      }
      return known
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    try handle.write(contentsOf: key)
    return key
  }
}
