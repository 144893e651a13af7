public import Foundation

/// One of our daemons, as a process.
public final class DaemonProcess: Sendable {
  private let process: ChildProcess
  private let logFile: URL
  /// Process id.
  public var pid: Int32 { process.pid }

  /// Starts a program with its log in a file of its own.
  public init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:]
  ) throws {
    logFile = FileManager.default.temporaryDirectory
      .appendingPathComponent("ark-daemon-\(UUID().uuidString).log")
    process = try ChildProcess(
      program, arguments, environment: environment, folder: nil, output: logFile.path)
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
  public var isRunning: Bool { process.exitStatus == nil }

  /// How it ended: exit status, or the signal's number.
  public var exitStatus: Int32? { process.exitStatus }

  /// Sends a signal.
  public func kill(_ signal: Int32) { process.kill(signal) }

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
