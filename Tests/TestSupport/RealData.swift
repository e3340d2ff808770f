public import Foundation

/// The real images that are not part of the repository: `MEDOID_DATA`, or `../shared/data` beside the checkout.
///
///     @Test(.enabled(if: RealData.isPresent, RealData.reason)) func sortsRealFilms() …
public enum RealData {
  public static let root: URL? = {
    let beside = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared/data")
      .standardized
    let named = ProcessInfo.processInfo.environment["MEDOID_DATA"].map { URL(filePath: $0) }
    return [named, beside].compactMap { $0 }.first {
      FileManager.default.fileExists(atPath: $0.appending(path: "index.csv").path)
    }
  }()

  public static var isPresent: Bool { root != nil }

  public static func file(_ path: String) -> URL { root!.appending(path: path) }
}

/// A folder that is gone when the test is.
public func withTemporaryFolder<R>(_ body: (URL) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory.appending(path: "medoid-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// As above, for tests that await.
public func withTemporaryFolder<R>(_ body: (URL) async throws -> R) async throws -> R {
  let folder = FileManager.default.temporaryDirectory.appending(path: "medoid-test-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder)
}
