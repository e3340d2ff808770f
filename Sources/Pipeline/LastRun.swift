import Foundation

/// What each step of a recipe was last made of, for one recipe and one folder of results: the other side of "why does it run".
struct LastRun: Codable, Sendable {
  private var format = 1
  private(set) var steps: [String: Ingredients] = [:]

  /// The name under which a store keeps it. The folder's path enters as a digest: it tells runs apart and nothing else.
  static func key(recipe: String, out: URL) -> String {
    recipe + "-" + digest(of: out)
  }

  /// The lock that keeps two runs, of whatever recipes, from writing to one folder.
  static func lockName(out: URL) -> String { "run-" + digest(of: out) }

  private static func digest(of out: URL) -> String {
    String(ContentDigest.of(out.standardizedFileURL.path).prefix(12))
  }

  /// The record in a store; empty where there is none.
  init(in store: Store, key: String) {
    guard let data = FileManager.default.contents(atPath: LastRun.file(store, key).path),
      let last = try? JSONDecoder().decode(LastRun.self, from: data), last.format == 1
    else { return }
    self = last
  }

  /// Notes what a step is made of now, and saves it if that is news.
  mutating func record(_ step: String, _ ingredients: Ingredients, in store: Store, key: String) throws {
    if steps[step]?.fingerprint == ingredients.fingerprint { return }
    steps[step] = ingredients
    let aside = store.folder.appending(path: ".aside").appending(path: "steps-\(key)")
    try store.disk.replace(LastRun.file(store, key), with: try Artifact.json(self), aside: aside)
  }

  private static func file(_ store: Store, _ key: String) -> URL {
    store.folder.appending(path: ".runs").appending(path: key).appending(path: "steps.json")
  }
}
