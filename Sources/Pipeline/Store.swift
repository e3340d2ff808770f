public import Foundation

/// Results by fingerprint, in one folder that several runs and processes may share:
///
///     <stage>/<fingerprint>/…             the files of a result, and artifact.json
///     .aside/  .locks/  .scratch/         results being made, who makes them, their checkpoints
///     .runs/<recipe>-<out>/steps.json     what each step was last made of
///     .digests                            digests of files seen
///
/// A result appears by one rename when it is whole: a crash at any moment leaves it absent or whole. Reading changes nothing.
public struct Store: Sendable {
  public let folder: URL
  let disk: any Disk

  /// A store in `folder`, which is made by the first run.
  public init(_ folder: URL) { self.init(folder, disk: LocalDisk()) }

  package init(_ folder: URL, disk: any Disk) {
    self.folder = folder.standardizedFileURL
    self.disk = disk
  }

  /// The digests of files that earlier runs saved.
  public func digestCache() -> DigestCache { DigestCache(contentsOf: folder.appending(path: ".digests")) }

  /// All results, by stage and fingerprint.
  public func artifacts() -> [Artifact] {
    let manager = FileManager.default
    let stages = (try? manager.contentsOfDirectory(atPath: folder.path)) ?? []
    return stages.filter { !$0.hasPrefix(".") }.sorted().flatMap { stage in
      let place = folder.appending(path: stage)
      let names = (try? manager.contentsOfDirectory(atPath: place.path)) ?? []
      return names.sorted().compactMap { Artifact(in: place.appending(path: $0)) }
    }
  }

  /// Files of a result that are gone or have other bytes than were written; every byte is read.
  public func verify(_ artifact: Artifact) -> [String] {
    artifact.record.files.filter { file in
      (try? ContentDigest.of(file: artifact.folder.appending(path: file.path))) != file.sha256
    }.map(\.path)
  }

  /// The result that a run recorded, every file as it was written; nil where it is gone or damaged.
  public func wholeResult(of step: RunRecord.StepRecord, _ cache: DigestCache) -> Artifact? {
    guard let fingerprint = step.fingerprint, let artifact = Artifact(in: place(step.stage, fingerprint)),
      artifact.damage(cache) == nil
    else { return nil }
    return artifact
  }

  /// The result of exactly these ingredients, whole or damaged; nil where there is none.
  func artifact(_ ingredients: Ingredients) -> Artifact? {
    Artifact(in: place(ingredients.stage, ingredients.fingerprint))
  }

  private func place(_ stage: String, _ fingerprint: Fingerprint) -> URL {
    folder.appending(path: stage).appending(path: fingerprint.hex)
  }
}

// MARK: - Changing it

extension Store {
  /// The right to make a result, or nil while another run makes it. - Throws: `FileError`.
  func lock(_ name: String) throws -> FileLock? {
    let locks = folder.appending(path: ".locks")
    try disk.makeFolder(locks)
    return try FileLock.attempt(locks.appending(path: name))
  }

  func lockName(_ ingredients: Ingredients) -> String { "\(ingredients.stage)-\(ingredients.fingerprint)" }

  /// An empty folder to make a result in; what a crash left of an earlier attempt is removed. The caller holds its lock.
  func makeAside(_ ingredients: Ingredients) throws -> URL {
    let aside = folder.appending(path: ".aside").appending(path: lockName(ingredients))
    try disk.remove(aside)
    try disk.makeFolder(aside)
    return aside
  }

  /// The folder of a result's checkpoints; see `StageContext.scratch`.
  func makeScratch(_ ingredients: Ingredients, afresh: Bool) throws -> URL {
    let scratch = scratch(ingredients)
    if afresh { try disk.remove(scratch) }
    try disk.makeFolder(scratch)
    return scratch
  }

  private func scratch(_ ingredients: Ingredients) -> URL {
    folder.appending(path: ".scratch").appending(path: lockName(ingredients))
  }

  /// Puts the files in `aside` into the store. The caller holds the result's lock.
  /// - Throws: `FileError`; the store is as it was, or without this result.
  func commit(
    _ aside: URL, _ ingredients: Ingredients, files: [Artifact.StoredFile], making: Artifact.Making, cache: DigestCache
  ) throws -> Artifact {
    let record = Artifact.Record(
      fingerprint: ingredients.fingerprint, ingredients: ingredients, content: OutputListing.content(files),
      files: files,
      making: making)
    for file in files { try disk.flush(aside.appending(path: file.path)) }
    try disk.write(try Artifact.json(record), to: aside.appending(path: Artifact.recordName))

    let target = place(ingredients.stage, record.fingerprint)
    try disk.makeFolder(target.deletingLastPathComponent())
    var old: URL?
    if let present = Artifact(in: target), present.record.content == record.content, verify(present).isEmpty {
      // Forced, and it came out the same: another run may be reading the files, so only the record is renewed.
      try disk.rename(aside.appending(path: Artifact.recordName), to: target.appending(path: Artifact.recordName))
      try disk.remove(aside)
      try disk.remove(scratch(ingredients))
      return Artifact(folder: target, record: record)
    }
    if FileManager.default.fileExists(atPath: target.path) {
      old = aside.deletingLastPathComponent().appending(path: "old-" + lockName(ingredients))
      try disk.remove(old!)
      try disk.rename(target, to: old!)
    }
    try disk.rename(aside, to: target)
    if let old { try disk.remove(old) }
    try disk.remove(scratch(ingredients))
    for file in files { cache.remember(target.appending(path: file.path), digest: file.sha256) }
    return Artifact(folder: target, record: record)
  }

  /// Drops what a failed attempt left; a failure to do so is of no account, as the next attempt begins with it.
  func discard(_ aside: URL) { try? disk.remove(aside) }

  func save(_ cache: DigestCache) throws {
    let aside = folder.appending(path: ".aside").appending(path: "digests-\(UUID().uuidString)")
    try disk.makeFolder(aside.deletingLastPathComponent())
    guard try cache.writeChanges(to: aside) else { return }
    try disk.flush(aside)
    try disk.rename(aside, to: folder.appending(path: ".digests"))
  }
}
