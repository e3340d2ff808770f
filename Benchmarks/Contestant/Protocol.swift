import Foundation

/// The child's side of the line protocol that every contestant of a benchmark speaks (`Benchmarks/peers/contestant.py` has it in full):
/// `ready`, then `go N`, `answer PATH`, `memory`, `quit`.
enum LineProtocol {
  /// Serves the parent until it quits or hangs up.
  /// - Parameters:
  ///   - run: does the work that many times.
  ///   - answer: what the work computes, for the check.
  static func serve(run: (Int) throws -> Void, answer: () throws -> [Float]) throws {
    say("ready")
    while let line = readLine() {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      switch (words.first, words.last) {
      case ("go", let count?):
        guard let rounds = Int(count), rounds > 0 else { throw Usage("go \(count): not a number of rounds") }
        let clock = ContinuousClock()
        let elapsed = try clock.measure { try run(rounds) }
        say("seconds \(elapsed / .seconds(1))")
      case ("answer", let path?):
        try answer().withUnsafeBytes { try Data($0).write(to: URL(filePath: path)) }
        say("written")
      case ("memory", _): say("memory \(peakMemory)")
      default: return
      }
    }
  }

  static func say(_ line: String) {
    print(line)
    fflush(nil)
  }

  /// The largest resident memory this process ever had, in bytes; 0 where the system has no `/proc`. `getrusage` won't do on
  /// Linux: there a child starts with the largest memory of the parent that spawned it.
  private static var peakMemory: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
  }
}

/// What is wrong with the command line, in words.
struct Usage: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
