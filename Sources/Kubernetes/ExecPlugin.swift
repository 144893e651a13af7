/// A program that says who we are, as managed clusters use them (Kubernetes documentation, "client-go
/// credential plugins"). It is never asked on a terminal: its standard input is empty.
public struct ExecPlugin: Sendable, Equatable {
  /// How it is spoken to.
  public enum Version: String, Sendable {
    case v1 = "client.authentication.k8s.io/v1"
    case v1beta1 = "client.authentication.k8s.io/v1beta1"
  }

  /// How it is spoken to; it must answer in the same version.
  public var version: Version
  /// The program: a path, or a name that is looked for in `PATH`.
  public var command: String
  public var arguments: [String]
  /// Added to this process's own variables.
  public var environment: [String: String]
  /// What to tell somebody who does not have the program.
  public var installHint: String?
  /// The cluster, for a plugin that wants to know it (`spec.cluster`).
  public var cluster: JSONValue?
  /// How long it may take. It is ended then, with everything that it has started.
  public var timeout: Duration

  /// A plugin.
  public init(
    version: Version, command: String, arguments: [String] = [],
    environment: [String: String] = [:], installHint: String? = nil, cluster: JSONValue? = nil,
    timeout: Duration = .seconds(60)
  ) {
    self.version = version
    self.command = command
    self.arguments = arguments
    self.environment = environment
    self.installHint = installHint
    self.cluster = cluster
    self.timeout = timeout
  }

  /// The variable that it is told in, `KUBERNETES_EXEC_INFO`.
  var info: String {
    var spec: [String: JSONValue] = ["interactive": false]
    spec["cluster"] = cluster
    let info: JSONValue = [
      "apiVersion": .string(version.rawValue), "kind": "ExecCredential", "spec": .object(spec),
    ]
    return info.serialized()
  }
}

extension ExecPlugin {
  /// Reads `user.exec` of a kubeconfig.
  init(_ exec: KubeconfigEntry, cluster: KubeconfigEntry) throws {
    try exec.refuseAll(but: [
      "apiVersion", "command", "args", "env", "installHint", "provideClusterInfo",
      "interactiveMode",
    ])
    let name = try exec.text("apiVersion") ?? "none"
    guard let version = Version(rawValue: name) else {
      throw exec.wrong("asks for exec credentials of version \(name), which is not supported")
    }
    guard let command = try exec.text("command") else {
      throw exec.wrong("has an exec without command")
    }
    switch try exec.text("interactiveMode") {
    case "Never", "IfAvailable": break
    case nil:
      if version == .v1 {
        throw exec.wrong("has an exec without interactiveMode, which v1 demands")
      }
    case "Always":
      throw exec.wrong("has an exec that needs a terminal (interactiveMode: Always); there is none")
    case let other?:
      throw exec.wrong("has an exec with interactiveMode \(other), which is not known here")
    }
    var environment: [String: String] = [:]
    for variable in try exec.entries("env") {
      guard let name = try variable.text("name") else {
        throw exec.wrong("has an exec env without name")
      }
      environment[name] = try variable.text("value") ?? ""
    }
    self.init(
      version: version,
      // A name goes to PATH; a path starts from the file's folder.
      command: command.contains("/") ? exec.resolved(command) : command,
      arguments: try exec.texts("args"), environment: environment,
      installHint: try exec.text("installHint"),
      cluster: try exec.flag("provideClusterInfo") ? Self.describe(cluster) : nil)
  }

  /// `spec.cluster` (Kubernetes documentation, "client authentication (v1)").
  private static func describe(_ cluster: KubeconfigEntry) throws -> JSONValue {
    var members: [String: JSONValue] = [:]
    for key in ["server", "tls-server-name"] {
      members[key] = try cluster.text(key).map(JSONValue.string)
    }
    if try cluster.flag("insecure-skip-tls-verify") { members["insecure-skip-tls-verify"] = true }
    let authority =
      try cluster.base64("certificate-authority-data")
      ?? cluster.path("certificate-authority").map { try cluster.bytes(ofFile: $0) }
    members["certificate-authority-data"] = authority.map { .string($0.base64) }
    for item in try cluster.entries("extensions")
    where try item.text("name") == "client.authentication.k8s.io/exec" {
      members["config"] = item.json("extension")
    }
    return .object(members)
  }
}
