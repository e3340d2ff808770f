import Foundation

/// One child process and the pipes to it: killed and reaped with its owner.
final class FuzzChild {
  private let process: pid_t
  private let input: Int32
  private let output: Int32
  private var hasEnded = false

  /// How a child answered.
  enum Answer {
    case word(String)
    /// It died of this signal, or left.
    case died(signal: Int32)
    case hung
  }

  /// Starts the child and waits for its first word.
  init(_ reader: FuzzReader) throws {
    var toChild: [Int32] = [-1, -1]
    var fromChild: [Int32] = [-1, -1]
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw FuzzUsage("no pipe: error \(errno)") }
    for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    let program = Bundle.main.executablePath ?? "/proc/self/exe"
    let arguments = [program, FuzzWorker.argument, reader.rawValue].map { (word: String) in strdup(word) } + [nil]
    var settings = ProcessInfo.processInfo.environment
    settings["SWIFT_BACKTRACE"] = "enable=no"
    settings["OPENBLAS_NUM_THREADS"] = "1"
    let environment = settings.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, program, &actions, nil, arguments, environment)
    close(toChild[0])
    close(fromChild[1])
    guard code == 0 else { throw FuzzUsage("no child: error \(code)") }
    self.process = process
    input = toChild[1]
    output = fromChild[0]
    guard case .word("ready") = answer(within: 60) else { throw FuzzUsage("the child does not answer") }
  }

  deinit {
    _ = end()
    close(input)
    close(output)
  }

  func read(_ path: String, within seconds: Double) -> Answer {
    let line = Array((path + "\n").utf8)
    guard line.withUnsafeBytes({ write(input, $0.baseAddress, $0.count) }) == line.count else {
      return .died(signal: end())
    }
    return answer(within: seconds)
  }

  /// Reads one line.
  private func answer(within seconds: Double) -> Answer {
    var line: [UInt8] = []
    let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
    while true {
      let left = max(Duration.zero, deadline - ContinuousClock.now)
      var wait = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
      let ready = poll(&wait, 1, Int32(left / .milliseconds(1)) + 1)
      if ready < 0 && errno == EINTR { continue }
      if ready == 0 {
        _ = end()
        return .hung
      }
      var bytes = [UInt8](repeating: 0, count: 256)
      let count = Foundation.read(output, &bytes, bytes.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return .died(signal: end()) }
      line += bytes.prefix(count)
      if line.last == UInt8(ascii: "\n") { return .word(String(decoding: line.dropLast(), as: UTF8.self)) }
    }
  }

  /// Kills and reaps it. - Returns: the signal it had died of.
  private func end() -> Int32 {
    if hasEnded { return 0 }
    hasEnded = true
    var status: Int32 = 0
    // One that is dying by itself says of what.
    for _ in 0..<100 {
      if waitpid(process, &status, WNOHANG) == process { return status & 0x7f }
      usleep(1000)
    }
    kill(process, SIGKILL)
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    return status & 0x7f
  }

  /// Its largest resident memory so far, in bytes; 0 where the system does not tell.
  var peakMemory: Int {
    let status = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ", omittingEmptySubsequences: true).dropFirst().first.flatMap { Int($0) } ?? 0)
      * 1024
  }
}
