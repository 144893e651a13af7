public import Foundation
internal import Synchronization

/// One of our daemons, as a process.
public final class DaemonProcess: Sendable {
  private struct State {
    var process: Process
    var status: Int32?
  }

  private let state: Mutex<State>
  private let logFile: URL
  /// Process id.
  public let pid: Int32

  /// Starts a program with its log in a file of its own.
  public init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws {
    logFile = FileManager.default.temporaryDirectory
      .appendingPathComponent("ark-daemon-\(UUID().uuidString).log")
    _ = FileManager.default.createFile(atPath: logFile.path, contents: nil)
    let log = try FileHandle(forWritingTo: logFile)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = log
    process.standardError = log
    try process.runHearingSignals()
    pid = process.processIdentifier
    state = Mutex(State(process: process))
  }

  deinit {
    kill(SIGKILL)
    try? FileManager.default.removeItem(at: logFile)
  }

  /// Everything that it has written so far.
  public var log: String { (try? String(contentsOf: logFile, encoding: .utf8)) ?? "" }

  /// The lines of it.
  public var lines: [String] { log.split(separator: "\n").map(String.init) }

  /// Whether it runs, or is stopped.
  public var isRunning: Bool { state.withLock { $0.process.isRunning } }

  /// How it ended: exit status, or the signal's number.
  public var exitStatus: Int32? {
    state.withLock { $0.process.isRunning ? nil : $0.process.terminationStatus }
  }

  /// Sends a signal.
  public func kill(_ signal: Int32) {
    state.withLock { if $0.process.isRunning { Foundation.kill(pid, signal) } }
  }

  /// Waits for a line that contains `text`.
  public func waitForLine(_ text: String, within limit: Duration = .seconds(60)) async throws {
    try await eventually(within: limit, "a line with \"\(text)\" in:\n\(log)") {
      self.log.contains(text)
    }
  }

  /// Sends a signal and waits for the end.
  @discardableResult
  public func stop(_ signal: Int32 = SIGTERM, within limit: Duration = .seconds(60)) async throws
    -> Int32
  {
    kill(signal)
    try await eventually(within: limit, "the end of \(pid)") { !self.isRunning }
    return exitStatus ?? -1
  }
}
