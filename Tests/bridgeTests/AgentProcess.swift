internal import Foundation
internal import TestSupport

/// A running `bridge agent` with a folder of its own.
final class AgentProcess: Sendable {
  let process: DaemonProcess
  let folder: String
  /// Answers `/metrics` and `/readyz`.
  let health: LocalAddress

  private init(process: DaemonProcess, folder: String, health: LocalAddress) {
    self.process = process
    self.folder = folder
    self.health = health
  }

  /// Starts one that serves `ai` by a port of its own choice and in its folder.
  /// - Parameters:
  ///   - login: Of PostgreSQL.
  ///   - redis: User of Redis; `nil`: it polls five times a second.
  ///   - listen: Where it listens, beside the arguments.
  ///   - folder: Of an agent that has run before.
  ///   - openFiles: How many files it may have open; `nil`: as many as the tests.
  static func start(
    _ scene: Scene, login: String = "pod_ai", redis: String? = "pod-ai",
    listen: [String] = ["127.0.0.1:0"], folder: String? = nil, openFiles: Int? = nil,
    _ more: [String] = []
  ) throws -> AgentProcess {
    let folder = try folder ?? makeFolder()
    let port = LocalServer.closedPort()
    var arguments = [
      "agent", "--service", "ai", "--database", scene.database.conninfo(user: login),
      "--directory", folder, "--health-port", "\(port)",
    ]
    if let redis {
      arguments += [
        "--redis", scene.redis.redisURL(redis), "--redis-ca-file", scene.redis.redisCAFile,
        "--redis-password-file", scene.redis.redisPasswordFile(redis),
      ]
    } else {
      arguments += ["--poll", "0.2"]
    }
    for listener in listen { arguments += ["--listen", listener] }
    let program = Tool.product("bridge")
    let process =
      try openFiles.map { files in
        try DaemonProcess("/usr/bin/prlimit", ["--nofile=\(files)", program] + arguments + more)
      } ?? DaemonProcess(program, arguments + more)
    return AgentProcess(process: process, folder: folder, health: .port(port))
  }

  /// Starts one, and returns when it serves every service: whom it has nothing for yet gets more than
  /// one event.
  static func serve(
    _ scene: Scene, login: String = "pod_ai", redis: String? = "pod-ai",
    listen: [String] = ["127.0.0.1:0"], folder: String? = nil, openFiles: Int? = nil,
    _ more: [String] = []
  ) async throws -> AgentProcess {
    let agent = try start(
      scene, login: login, redis: redis, listen: listen, folder: folder, openFiles: openFiles, more)
    let services = 1 + more.count { $0 == "--service" }
    try await eventually("its services") {
      agent.process.lines.count { $0.contains(" serves ") } >= services
    }
    try await eventually("its listeners") {
      agent.process.lines.count { $0.contains(" listens ") } == listen.count
    }
    return agent
  }

  /// A new folder with a short name: a socket's path has no room for a long one.
  static func makeFolder() throws -> String {
    let folder = "/tmp/ark-agent-\(UUID().uuidString.prefix(8).lowercased())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// The port of its listener, when it listens.
  var address: LocalAddress {
    let line = process.lines.first { $0.contains(" listens ") && $0.contains("address=127.0.0.1:") }
    let port = line?.split(separator: "address=127.0.0.1:")[1].prefix { $0.isNumber }
    return .port(port.flatMap { Int($0) } ?? 0)
  }

  /// `<folder>/ai.json`; `nil` if it is not there.
  var file: String? { try? String(contentsOfFile: "\(folder)/ai.json", encoding: .utf8) }

  /// Asks for `ai`.
  func get(_ query: String = "", headers: [String: String] = [:]) async throws -> LocalAnswer {
    try await LocalClient.get(address, "/v1/config/ai\(query)", headers: headers)
  }

  /// Follows `ai`.
  func follow(_ headers: [String: String] = [:], at other: LocalAddress? = nil) throws
    -> LocalClient
  {
    try LocalClient(
      other ?? address, "/v1/config/ai",
      headers: headers.merging(["Accept": "text/event-stream"]) { $1 })
  }

  /// A figure of `/metrics`, with its labels; `nil` if it is not there.
  func metric(_ name: String) async throws -> Double? {
    let text = try await LocalClient.get(health, "/metrics").body
    return text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
      .flatMap { Double($0.dropFirst(name.count + 1)) }
  }
}

/// What an agent serves, read as a reader reads it.
struct Served: Decodable {
  struct Entry: Decodable, Equatable {
    var value: Value
    var type: String
    var version: Int64
    var org_id: Int64
    var changed_us: Int64
  }

  /// A typed value.
  enum Value: Decodable, Equatable {
    case text(String)
    case number(Double)
    case boolean(Bool)
    case document([String: Double])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let boolean = try? container.decode(Bool.self) {
        self = .boolean(boolean)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .document(try container.decode([String: Double].self))
      }
    }
  }

  var format: Int
  var service: String
  var epoch: Int64
  var state: String
  var org_id: Int64?
  var values: [String: Entry]?
  var organizations: [String: [String: Entry]]?
  /// Of one organisation; `nil` under a key is what is gone.
  var changes: [String: Entry?]?

  init(_ json: String) throws {
    self = try JSONDecoder().decode(Served.self, from: Data(json.utf8))
  }
}

extension LocalClient {
  /// What a reader of one organisation holds that has applied every event: values by key.
  var held: [String: Served.Value] {
    get throws {
      var held: [String: Served.Value] = [:]
      for event in events {
        let served = event.name == "state" ? nil : try Served(event.data)
        if let values = served?.values { held = values.mapValues(\.value) }
        for (key, entry) in served?.changes ?? [:] { held[key] = entry?.value }
      }
      return held
    }
  }
}
