internal import Foundation

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
    // Files, not pipes: a daemon that the program leaves behind holds a pipe open for ever.
    let temporary = FileManager.default.temporaryDirectory
    let files = (0..<2).map { _ in
      temporary.appendingPathComponent("ark-tool-\(UUID().uuidString)")
    }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }
    let process = try ChildProcess(
      path, arguments, environment: environment, folder: folder, output: files[0].path,
      error: files[1].path)
    let status = await process.end()
    return Result(
      status: status, output: try String(contentsOf: files[0], encoding: .utf8),
      error: try String(contentsOf: files[1], encoding: .utf8))
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
