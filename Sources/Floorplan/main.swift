import Foundation

// floorplan [--check] --root DIR
//
// Draws Documentation/architecture.svg from the imports in Sources; with --check it writes nothing. Exit codes: 0 done; 1 failed; 2 usage;
// 3 rooms import what they may not, or (with --check) the picture is stale.

/// Says what is wrong and ends.
func stop(_ status: Int32, _ lines: [String]) -> Never {
  FileHandle.standardError.write(Data(lines.map { "floorplan: \($0)\n" }.joined().utf8))
  exit(status)
}

var root: String?
var isCheck = false
var arguments = CommandLine.arguments.dropFirst()
while let argument = arguments.popFirst() {
  switch argument {
  case "--check": isCheck = true
  case "--root": root = arguments.popFirst()
  default: stop(2, ["unknown argument \(argument)", "usage: floorplan [--check] --root DIR"])
  }
}
guard let root else { stop(2, ["usage: floorplan [--check] --root DIR"]) }

do {
  let folder = URL(filePath: root, directoryHint: .isDirectory)
  let house = try House(root: folder)
  var problems = Inspection.problems(of: house, arrows: .ofTheHouse)
  let picture = (try? Drawing.svg(of: house)).map { Data($0.utf8) }  // none for a ring, which is among the problems
  let place = folder.appending(path: "Documentation/architecture.svg")
  if !isCheck, let picture {
    try picture.write(to: place, options: .atomic)
  } else if isCheck, (try? Data(contentsOf: place)) != picture {
    problems.append("Documentation/architecture.svg is stale: run `make graph` and look at what changed")
  }
  if !problems.isEmpty { stop(3, problems) }
} catch {
  stop(1, ["\(error)"])
}
