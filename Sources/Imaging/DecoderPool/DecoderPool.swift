public import Foundation
import Records

/// Decoders in child processes, so that a file that makes a decoder die or hang costs one row and not the run.
///
///     let pool = try DecoderPool(.thisProgram, children: 2)
///     let image = try pool.decode(path, Preprocessing(size: 64))
///
/// Children are started when first needed and reused. One that dies gives the file `decoder_crashed`, one that takes too long is
/// killed and gives `decoder_timed_out`; either is replaced. A file on which a *used* child died is tried once more in a fresh one,
/// so that no file is blamed for what another did to the child's memory: which files are rejected does not depend on who shared a child.
/// Safe from any thread; more threads than children wait.
public final class DecoderPool: ImageDecoder {
  /// How a child is started: this program in its hidden mode, which calls `DecoderService.serve()`.
  public struct Command: Sendable {
    public var executable: URL
    public var arguments: [String]

    public init(executable: URL, arguments: [String]) {
      self.executable = executable
      self.arguments = arguments
    }

    /// The program that is running, in its hidden mode.
    public static var thisProgram: Command {
      Command(
        executable: Bundle.main.executableURL ?? URL(filePath: "/proc/self/exe"), arguments: [DecoderService.argument])
    }
  }

  /// How often children had to be replaced.
  public struct Statistics: Sendable, Hashable {
    public var crashed = 0
    public var timedOut = 0
  }

  private let command: Command
  private let seconds: Double
  private let idle: Idle

  /// Starts the first child, to find out that it can be started.
  ///
  /// - Parameters:
  ///   - children: how many files are decoded at a time.
  ///   - secondsPerFile: after which a decoder is said to hang.
  /// - Throws: `DecoderPoolError.cannotStart`.
  /// - Precondition: `children >= 1`, `secondsPerFile > 0`.
  public init(_ command: Command, children: Int, secondsPerFile: Double = 120) throws {
    precondition(children >= 1, "a pool of \(children) children")
    precondition(secondsPerFile > 0, "\(secondsPerFile) seconds a file")
    self.command = command
    seconds = secondsPerFile
    idle = Idle(places: children, first: try DecoderProcess(command))
  }

  public var statistics: Statistics { idle.statistics }

  public func read(
    _ request: ReadRequest, _ receive: (ReadItem) -> Void
  ) throws(DecodeFailure) -> FileSummary {
    var child = idle.take()
    defer { idle.giveBack(child) }
    // Pictures that were received are not asked for again when a child dies of a later one.
    var next = request.items?.lowerBound ?? 0
    var deaths = 0
    while true {
      if child == nil {
        do { child = try DecoderProcess(command) } catch {
          throw DecodeFailure(.decoderCrashed, "no decoder process can be started")
        }
      }
      guard let process = child else { preconditionFailure("a child was just started") }
      let wasFresh = process.isFresh
      let begin = next
      do {
        process.isFresh = false
        var rest = request
        if next > request.items?.lowerBound ?? 0 { rest.items = next..<max(request.items?.upperBound ?? .max, next) }
        try process.channel.send(DecoderRequest(request: rest, seconds: Int(seconds.rounded(.up))))
        while true {
          let (reply, samples) = try process.channel.receive(DecoderReply.self, within: seconds)
          if let index = reply.item {
            guard index == next else { throw DecoderChannel.Broken() }
            receive(ReadItem(index: index, outcome: try DecoderPool.outcome(reply, samples)))
            next += 1
            continue
          }
          if let failure = reply.failure { throw failure }
          guard let summary = reply.summary else { throw DecoderChannel.Broken() }
          return summary
        }
      } catch let failure as DecodeFailure {
        throw failure
      } catch {
        child = nil
        let isLate = error is DecoderChannel.Late
        // A file that kills before its first picture is lost whole; of others only the picture is.
        let mayBeInnocent = !isLate && !wasFresh && begin == next
        if mayBeInnocent { continue }
        idle.count { if isLate { $0.timedOut += 1 } else { $0.crashed += 1 } }
        let failure =
          isLate
          ? DecodeFailure(.decoderTimedOut, "no picture after \(Int(seconds.rounded(.up))) s")
          : DecodeFailure(.decoderCrashed, "the decoder died of this file")
        if next == 0 || deaths >= DecoderPool.deathsAllowed { throw failure }
        deaths += 1
        // One that dies when all pictures are there is asked for the rest once more.
        if let end = request.items?.upperBound, next >= end { continue }
        receive(ReadItem(index: next, outcome: .failure(failure)))
        next += 1
      }
    }
  }

  /// Asks a child of its own, once, and waits as long as it takes: for a person who looks at one file.
  func ask(_ request: DecoderRequest) throws(DecodeFailure) -> DecoderReply {
    let reply: DecoderReply
    do {
      let process = try DecoderProcess(command)
      var patient = request
      patient.seconds = 1 << 20
      try process.channel.send(patient)
      reply = try process.channel.receive(DecoderReply.self).0
    } catch is DecoderPoolError {
      throw DecodeFailure(.decoderCrashed, "no decoder process can be started")
    } catch {
      throw DecodeFailure(.decoderCrashed, "the decoder died of this file")
    }
    if let failure = reply.failure { throw failure }
    return reply
  }

  /// Pictures of one request that may kill their decoder before the file is given up.
  private static let deathsAllowed = 8

  private static func outcome(
    _ reply: DecoderReply, _ samples: [Float]
  ) throws -> Result<DecodedImage, DecodeFailure> {
    if let failure = reply.failure { return .failure(failure) }
    guard let facts = reply.facts, reply.channels == 1 || reply.channels == 3, reply.height > 0, reply.width > 0,
      reply.height <= DecodingLimits.pixels, reply.width <= DecodingLimits.pixels,
      samples.count == reply.channels * reply.height * reply.width
    else { throw DecoderChannel.Broken() }
    return .success(
      DecodedImage(
        pixels: samples, channels: reply.channels, height: reply.height, width: reply.width, facts: facts))
  }

  /// The children not at work, and how many more may be started.
  private final class Idle: @unchecked Sendable {
    private let condition = NSCondition()
    private var free: [DecoderProcess?]
    private var numbers = Statistics()

    init(places: Int, first: DecoderProcess) { free = [DecoderProcess?](repeating: nil, count: places - 1) + [first] }

    var statistics: Statistics {
      condition.lock()
      defer { condition.unlock() }
      return numbers
    }

    /// A place to work at: a child, or nil where one is to be started first.
    func take() -> DecoderProcess? {
      condition.lock()
      defer { condition.unlock() }
      while free.isEmpty { condition.wait() }
      return free.removeLast()
    }

    func giveBack(_ child: DecoderProcess?) {
      condition.lock()
      defer { condition.unlock() }
      // Running children go to the end, where they are taken first.
      if child == nil { free.insert(nil, at: 0) } else { free.append(child) }
      condition.signal()
    }

    func count(_ change: (inout Statistics) -> Void) {
      condition.lock()
      defer { condition.unlock() }
      change(&numbers)
    }
  }
}

/// The program cannot be run as a decoder: `code` is the system's error number, 0 if it started but did not answer.
public enum DecoderPoolError: Error, Sendable, Hashable, CustomStringConvertible {
  case cannotStart(path: String, code: Int)

  public var description: String {
    switch self {
    case .cannotStart(let path, let code): "\(path) cannot be started as a decoder (error \(code))"
    }
  }
}
