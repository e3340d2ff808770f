import Foundation
import Imaging

// fuzz READER --seeds DIR [--count N] [--seed N] [--first N] [--jobs N] [--largest BYTES] [--seconds N] [--out DIR]
// fuzz __work READER     the child: reads paths, one a line, and says what became of each

do {
  let words = Array(CommandLine.arguments.dropFirst())
  if words.first == FuzzWorker.argument, let name = words.last, let reader = FuzzReader(rawValue: name) {
    FuzzWorker.serve(reader)
  }
  let options = try FuzzOptions(words)
  let report = try Campaign(options).run()
  print(report.text)
  exit(report.hung == 0 ? 0 : 1)
} catch {
  FileHandle.standardError.write(Data("fuzz: \(error)\n".utf8))
  exit(2)
}
