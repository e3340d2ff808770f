import Foundation
import Stages
import Storage
import Tensors

/// Where a run's time went, operation by operation.
struct ProfileTable {
  private let entries: [OperationProfile.Entry]

  init(_ entries: [OperationProfile.Entry]) { self.entries = entries }

  /// Prints the table, longest first, and keeps it as `profile.csv`.
  func show(out: URL) throws {
    if entries.isEmpty {
      printError("--profile: nothing ran that is measured.")
      return
    }
    let all = entries.reduce(0) { $0 + $1.seconds }
    let width = entries.map(\.operation.rawValue.count).max() ?? 0
    print("Time in networks, all threads together: \(fixed(all, digits: 1)) s")
    for entry in entries.sorted(by: { $0.seconds > $1.seconds }) {
      let name = entry.operation.rawValue.padding(toLength: width, withPad: " ", startingAt: 0)
      print(
        "  \(name)  \(right(fixed(entry.seconds, digits: 2), 9)) s \(right(fixed(100 * entry.seconds / all, digits: 1), 5)) %"
          + rate(entry))
    }
    try CSVWriter.write(
      to: out.appending(path: "profile.csv"), columns: ["operation", "count", "seconds", "share", "gflops"]
    ) { table in
      for entry in entries {
        try table.row([
          entry.operation.rawValue, String(entry.count), fixed(entry.seconds, digits: 6),
          fixed(entry.seconds / all, digits: 4),
          fixed(entry.seconds > 0 ? entry.billionOperations / entry.seconds : 0, digits: 2),
        ])
      }
    }
  }

  private func rate(_ entry: OperationProfile.Entry) -> String {
    guard entry.billionOperations > 0, entry.seconds > 0 else { return "" }
    return "  \(right(fixed(entry.billionOperations / entry.seconds, digits: 0), 5)) GFLOP/s a thread"
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(width - text.count, 0)) + text
  }
}
