import Foundation
import Pipeline
import Synchronization

/// What a run says on standard error: one line a step; on a terminal the last line is a bar with rate and time left.
final class ProgressDisplay: Sendable {
  private struct State {
    var began = Date()
    var lastDrawn = Date.distantPast
    var barIsShown = false
  }

  private let quiet: Bool
  private let verbose: Bool
  private let isTerminal = isatty(2) == 1
  private let state = Mutex(State())

  init(quiet: Bool, verbose: Bool) {
    self.quiet = quiet
    self.verbose = verbose
  }

  func show(_ event: RunEvent) {
    switch event {
    case .stepStarted(let index, let count, let step, let reasons):
      state.withLock { $0.began = Date() }
      let why = verbose ? ": \(reasons.map(\.description).joined(separator: "; "))" : ""
      line("[\(index)/\(count)] \(step)\(why)")
    case .stepWaiting(let step): line("  \(step) is being made by another run; waiting for it")
    case .progress(let step, let progress):
      bar(
        step, done: progress.done, total: progress.total, found: progress.found, unit: progress.unit,
        detail: progress.detail)
    case .stepFinished(_, _, let step, let seconds, _):
      line("      \(step) done in \(ProgressDisplay.duration(seconds))")
    case .stepSkipped(let index, let count, let step, let reason):
      switch reason {
      case .upToDate: line("[\(index)/\(count)] \(step): up to date")
      case .leftOut: break
      case .upstreamFailed(let other): line("[\(index)/\(count)] \(step): left out, because \(other) failed")
      }
    case .stepFailed(_, _, let step, let error):
      clear()
      printError("medoid: \(step) failed: \(explain(error))")
    case .published(let files): if verbose { for file in files { line("  wrote \(file)") } }
    }
  }

  /// Draws the bar on a terminal ten times a second at most; elsewhere a plain line every ten seconds.
  func bar(_ step: String, done: Int, total: Int, found: Int = 0, unit: String, detail: String) {
    if quiet { return }
    let now = Date()
    let text: String? = state.withLock { state in
      let pause = isTerminal ? 0.1 : 10
      if now.timeIntervalSince(state.lastDrawn) < pause && (done < total || !isTerminal) { return nil }
      state.lastDrawn = now
      state.barIsShown = isTerminal
      return ProgressDisplay.text(
        step, done: done, total: total, found: found, unit: unit, detail: detail,
        seconds: now.timeIntervalSince(state.began))
    }
    if let text { write(isTerminal ? "\r\u{1B}[2K\(text)" : "      \(text)\n") }
  }

  /// Takes the bar away.
  func finish() { clear() }

  static func text(
    _ step: String, done: Int, total: Int, found: Int, unit: String, detail: String, seconds: Double
  ) -> String {
    let rate = seconds > 0 ? Double(done - found) / seconds : 0
    let pace = rate > 0 ? String(format: rate < 10 ? "%.1f %@/s" : "%.0f %@/s", rate, unit) : ""
    guard total > 0 else { return "\(step)  \(done) \(unit)  \(pace)  \(detail)" }
    let cells = 24
    let full = min(cells, cells * done / total)
    let drawn = String(repeating: "█", count: full) + String(repeating: "░", count: cells - full)
    let left = rate > 0 && done < total ? "  \(duration(Double(total - done) / rate)) left" : ""
    return "\(step) \(drawn) \(done)/\(total) \(unit)  \(pace)\(left)  \(detail)"
  }

  /// `0.4 s`, `12 s`, `3 min 05 s`, `2 h 10 min`.
  static func duration(_ seconds: Double) -> String {
    if seconds < 10 { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return String(format: "%d min %02d s", whole / 60, whole % 60) }
    return String(format: "%d h %02d min", whole / 3600, whole % 3600 / 60)
  }

  private func line(_ text: String) {
    if quiet { return }
    clear()
    write(text + "\n")
  }

  private func clear() {
    let shown = state.withLock { state in
      defer { state.barIsShown = false }
      return state.barIsShown
    }
    if shown { write("\r\u{1B}[2K") }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
