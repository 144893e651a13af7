internal import Foundation
internal import Synchronization

/// Runs a program to its end.
public enum Tool {
  public struct Result: Sendable {
    public let status: Int32
    public let output: String
    public let error: String
  }

  /// - Parameters:
  ///   - path: The program.
  ///   - environment: Added to this process's own.
  ///   - folder: Where it runs, if not where this process does.
  public static func run(
    _ path: String, _ arguments: [String], environment: [String: String] = [:],
    folder: String? = nil
  ) async throws -> Result {
    let process = Process()
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Files, not pipes: a daemon that the program leaves behind holds a pipe open for ever.
    let temporary = FileManager.default.temporaryDirectory
    let names = (0..<2).map { _ in temporary.appendingPathComponent("ark-tool-\(UUID().uuidString)")
    }
    for name in names { _ = FileManager.default.createFile(atPath: name.path, contents: nil) }
    defer { for name in names { try? FileManager.default.removeItem(at: name) } }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: names[0])
    process.standardError = try FileHandle(forWritingTo: names[1])
    let status = try await withCheckedThrowingContinuation {
      (continuation: CheckedContinuation<Int32, any Error>) in
      process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
      do {
        try process.runHearingSignals()
      } catch {
        continuation.resume(throwing: error)
      }
    }
    return Result(
      status: status, output: try String(contentsOf: names[0], encoding: .utf8),
      error: try String(contentsOf: names[1], encoding: .utf8))
  }

  /// The folder of the programs that were built with these tests.
  public static let products: String = {
    // The test runner itself lies there, or below it.
    let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    var folder = own.deletingLastPathComponent()
    while folder.path != "/" {
      if FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("migrate").path)
      {
        return folder.path
      }
      folder = folder.deletingLastPathComponent()
    }
    return "\(Stack.root)/.build/debug"
  }()

  /// One of our programs.
  public static func product(_ name: String) -> String { "\(products)/\(name)" }
}
