import Foundation
import Synchronization

/// One child process: its number and the socket to it. Killed and reaped with its owner.
final class DecoderProcess {
  let channel: DecoderChannel
  /// Whether it has decoded anything yet: a fresh child cannot suffer from what an earlier file did to its memory.
  var isFresh = true
  private let process: pid_t

  /// Between making a socket and marking it close-on-exec no other child may be started, or it would inherit it.
  private static let starting = Mutex(())

  /// Starts the child and waits for its first word.
  ///
  /// The child has the socket as standard input, /dev/null as output and error (decoders chatter), and an environment without our key.
  /// - Throws: `DecoderPoolError.cannotStart`.
  init(_ command: DecoderPool.Command) throws {
    let started = try DecoderProcess.starting.withLock { _ in try DecoderProcess.spawn(command) }
    process = started.process
    channel = DecoderChannel(owning: started.socket)
    do {
      _ = try channel.receive(DecoderReply.self, within: 60)
    } catch {
      end()
      throw DecoderPoolError.cannotStart(path: command.executable.path, code: 0)
    }
  }

  deinit { end() }

  private var hasEnded = false

  func end() {
    if hasEnded { return }
    hasEnded = true
    kill(process, SIGKILL)
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
  }

  private static func spawn(_ command: DecoderPool.Command) throws -> (process: pid_t, socket: Int32) {
    func fail(_ code: Int32) -> DecoderPoolError { .cannotStart(path: command.executable.path, code: Int(code)) }
    var ends: [Int32] = [-1, -1]
    #if canImport(Darwin)
      let kind = SOCK_STREAM
      var actions: posix_spawn_file_actions_t?
    #else
      let kind = Int32(SOCK_STREAM.rawValue)
      var actions = posix_spawn_file_actions_t()
    #endif
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw fail(errno) }
    defer { close(ends[1]) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    #if canImport(Darwin)
      var on: Int32 = 1
      setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    let arguments = ([command.executable.path] + command.arguments).map { strdup($0) } + [nil]
    let environment = childEnvironment().map { strdup($0) } + [nil]
    defer { for text in arguments + environment { free(text) } }
    var process: pid_t = 0
    let code = posix_spawn(&process, command.executable.path, &actions, nil, arguments, environment)
    if code != 0 {
      close(ends[0])
      throw fail(code)
    }
    return (process, ends[0])
  }

  /// Ours, sorted, without the key of the hashes, with one thread a library and no backtraces of crashes that are expected.
  private static func childEnvironment() -> [String] {
    var environment = ProcessInfo.processInfo.environment
    environment["MEDOID_KEY"] = nil
    environment["OPENBLAS_NUM_THREADS"] = "1"
    environment["SWIFT_BACKTRACE"] = "enable=no"
    return environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }
}
