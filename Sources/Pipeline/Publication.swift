import Foundation

/// Copies what finished steps publish into the run's folder, each file whole or not at all.
struct Publication {
  /// A step whose result is as it should be.
  struct Source {
    let step: Step
    let artifact: Artifact
  }

  struct Item {
    let file: PublishedFile
    let source: URL
  }

  let items: [Item]

  /// What the folder will show of `sources`, which are in the order of the recipe.
  init(of sources: [Source]) {
    var items: [String: Item] = [:]
    let names = sources.flatMap { source in source.step.type.publishes.map { $0.name(for: source.step.name) } }
    var remaining = Dictionary(grouping: names) { $0 }.mapValues(\.count)
    for source in sources {
      for published in source.step.type.publishes {
        let name = published.name(for: source.step.name)
        remaining[name]! -= 1
        // A later step has this name: this one steps aside under its own.
        let own = remaining[name]! > 0 ? Publication.name(name, of: source.step.name) : name
        for target in [own, published.alias].compactMap({ $0 }) {
          let found = Publication.items(published, of: source, at: target)
          if target != own, !found.isEmpty { items = items.filter { !Publication.isAt($0.key, target) } }
          for item in found { items[item.file.path] = item }
        }
      }
    }
    self.items = items.keys.sorted().map { items[$0]! }
  }

  private static func items(_ published: Published, of source: Source, at target: String) -> [Item] {
    source.artifact.record.files.compactMap { file in
      let path: String
      if published.isDirectory {
        guard file.path.hasPrefix(published.file + "/") else { return nil }
        path = target + file.path.dropFirst(published.file.count)
      } else {
        guard file.path == published.file else { return nil }
        path = target
      }
      precondition(path != RunRecord.fileName, "\(source.step.type.name) publishes \(path), which is the runner's own")
      return Item(
        file: PublishedFile(
          path: path, step: source.step.name, fingerprint: source.artifact.fingerprint, size: file.size,
          sha256: file.sha256),
        source: source.artifact.folder.appending(path: file.path))
    }
  }

  private static func isAt(_ path: String, _ target: String) -> Bool { path == target || path.hasPrefix(target + "/") }

  /// `embeddings.h5` of step `embed2` is `embeddings-embed2.h5`.
  private static func name(_ name: String, of step: String) -> String {
    let url = URL(filePath: name)
    let ending = url.pathExtension
    return String(name.dropLast(ending.isEmpty ? 0 : ending.count + 1)) + "-" + step
      + (ending.isEmpty ? "" : "." + ending)
  }

  /// Makes the folder show the items, and no longer what `last` showed and nothing keeps.
  ///
  /// A file with the right bytes isn't touched. A file that the user changed isn't removed.
  /// - Parameter kept: earlier files that stay, as their steps weren't finished this time.
  /// - Returns: paths that are new or have new bytes.
  /// - Throws: `FileError`.
  func apply(
    to out: URL, last: [PublishedFile], kept: [PublishedFile], disk: any Disk, cache: DigestCache
  ) throws -> [String] {
    var changed: [String] = []
    for item in items {
      let target = out.appending(path: item.file.path)
      if FileMark(ofFile: target.path)?.size == Int64(item.file.size),
        (try? cache.digest(of: target)) == item.file.sha256
      {
        continue
      }
      let folder = target.deletingLastPathComponent()
      let aside = folder.appending(path: ".\(target.lastPathComponent).new")
      try disk.makeFolder(folder)
      try disk.remove(aside)
      try disk.copy(item.source, to: aside)
      try disk.rename(aside, to: target)
      cache.remember(target, digest: item.file.sha256)
      changed.append(item.file.path)
    }
    let staying = Set(items.map(\.file.path) + kept.map(\.path))
    for file in last where !staying.contains(file.path) {
      let target = out.appending(path: file.path)
      guard (try? cache.digest(of: target)) == file.sha256 else { continue }
      try disk.remove(target)
      var folder = target.deletingLastPathComponent()
      while folder.path.hasPrefix(out.path + "/"), FileManager.default.isEmpty(folder) {
        try disk.remove(folder)
        folder.deleteLastPathComponent()
      }
    }
    return changed
  }
}

extension Published {
  func name(for step: String) -> String { name.replacingOccurrences(of: "{step}", with: step) }
}

extension FileManager {
  fileprivate func isEmpty(_ folder: URL) -> Bool { (try? contentsOfDirectory(atPath: folder.path))?.isEmpty ?? false }
}
