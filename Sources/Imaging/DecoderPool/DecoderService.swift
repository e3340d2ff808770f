import Foundation

/// The child's side of a `DecoderPool`: what the program does in its hidden mode.
///
///     case DecoderService.argument: exit(DecoderService.serve())
public enum DecoderService {
  /// The program's first argument in its hidden mode.
  public static let argument = "__decode"

  /// Answers requests on the socket that is its standard input until the parent closes it. - Returns: the exit status.
  ///
  /// - Parameter decoder: tests put one here that crashes or hangs.
  public static func serve(_ decoder: any ImageDecoder & FileInspector = DirectDecoder()) -> Int32 {
    becomeExpendable()
    PictureMemory.keep()
    let channel = DecoderChannel(owning: STDIN_FILENO)
    do {
      try channel.send(DecoderReply())
      while true {
        let (request, _) = try channel.receive(DecoderRequest.self)
        // Should the parent die while a decoder hangs, the default action of the alarm ends this process.
        alarm(UInt32(clamping: request.seconds + 10))
        try answer(request, by: decoder, on: channel)
        alarm(0)
      }
    } catch {
      return 0
    }
  }

  private static func answer(
    _ request: DecoderRequest, by decoder: any ImageDecoder & FileInspector, on channel: DecoderChannel
  ) throws {
    if request.purpose != .pictures {
      do throws(DecodeFailure) {
        var reply = DecoderReply()
        if request.purpose == .inspection {
          reply.inspection = try decoder.inspect(request.request.path)
        } else {
          reply.header = try decoder.header(request.request.path)
        }
        try? channel.send(reply)
      } catch {
        try channel.send(DecoderReply(failure: error))
      }
      return
    }
    var isBroken = false
    do throws(DecodeFailure) {
      let summary = try decoder.read(request.request) { item in
        // Time is counted a picture, not a file of a thousand of them.
        alarm(UInt32(clamping: request.seconds + 10))
        do { try channel.send(item) } catch { isBroken = true }
      }
      try? channel.send(DecoderReply(summary: summary))
    } catch {
      try channel.send(DecoderReply(failure: error))
    }
    if isBroken { throw DecoderChannel.Broken() }
  }

  /// No core files, no more memory than any picture within the limits needs, and nothing open but the socket.
  private static func becomeExpendable() {
    #if canImport(Darwin)
      let (core, memory) = (RLIMIT_CORE, RLIMIT_AS)
    #else
      let (core, memory) = (
        __rlimit_resource_t(UInt32(RLIMIT_CORE.rawValue)), __rlimit_resource_t(UInt32(RLIMIT_AS.rawValue))
      )
    #endif
    var limit = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(core, &limit)
    limit = rlimit(rlim_cur: 16 << 30, rlim_max: 16 << 30)
    setrlimit(memory, &limit)
    let open = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []
    for descriptor in open.compactMap({ Int32($0) }) where descriptor > STDERR_FILENO { close(descriptor) }
  }
}
