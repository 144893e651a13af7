internal import Foundation
internal import HTTP
internal import TestSupport
internal import Testing

@testable import Kubernetes

/// A user of a kubeconfig whose credentials a plugin brings.
private func exec(_ command: String = "plugin", version: String = "v1", _ rest: String = "")
  -> String
{
  """
  exec:
          apiVersion: client.authentication.k8s.io/\(version)
          command: \(command)
          interactiveMode: IfAvailable
  \(rest.split(separator: "\n").map { "        \($0)" }.joined(separator: "\n"))
  """
}

/// What a plugin prints.
private func answer(version: String = "v1", _ status: String) -> String {
  #"{"apiVersion":"client.authentication.k8s.io/\#(version)","kind":"ExecCredential","status":{\#(status)}}"#
}

@Suite(.timeLimit(.minutes(2))) struct ExecPluginTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  func load(user: String, cluster: String? = nil) throws -> KubernetesConfiguration {
    try KubernetesConfiguration.load(
      path: folder.write(
        "config", cluster.map { kubeconfig(cluster: $0, user: user) } ?? kubeconfig(user: user)))
  }

  func plugin(user: String, cluster: String? = nil) throws -> ExecPlugin {
    guard case .exec(let plugin) = try load(user: user, cluster: cluster).credentials else {
      throw TestSupportError("no plugin")
    }
    return plugin
  }

  /// A script that is run as plugin.
  func script(
    _ body: String, version: ExecPlugin.Version = .v1, timeout: Duration = .seconds(20)
  ) throws -> ExecPlugin {
    let path = try folder.write("plugin-\(UUID())", "#!/bin/sh\n\(body)\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
    return ExecPlugin(version: version, command: path, timeout: timeout)
  }

  func refused(
    _ part: String, sourceLocation: SourceLocation = #_sourceLocation, _ plugin: ExecPlugin
  )
    async throws
  {
    let error = try await refusal { try await plugin.run() }
    #expect(
      error.kind == .configuration && error.message.contains(part), "\(error)",
      sourceLocation: sourceLocation)
    #expect(!error.message.contains("s3cret"), "\(error)", sourceLocation: sourceLocation)
  }

  @Test(arguments: ["v1", "v1beta1"])
  func `Read from a kubeconfig`(version: String) throws {
    let plugin = try plugin(
      user: exec(
        "bin/plugin", version: version,
        """
        args: [get-token, --cluster, a]
        env: [{name: AWS_PROFILE, value: prod}, {name: EMPTY, value: ""}]
        installHint: get it somewhere
        """))
    #expect(plugin.version.rawValue == "client.authentication.k8s.io/\(version)")
    // With a slash: from the kubeconfig's folder.
    #expect(plugin.command == "\(folder.path)/bin/plugin")
    #expect(plugin.arguments == ["get-token", "--cluster", "a"])
    #expect(plugin.environment == ["AWS_PROFILE": "prod", "EMPTY": ""])
    #expect(plugin.installHint == "get it somewhere" && plugin.cluster == nil)
    #expect(try self.plugin(user: exec("aws")).command == "aws")
    #expect(try self.plugin(user: exec("/usr/bin/aws")).command == "/usr/bin/aws")
  }

  @Test func `What is fixed goes before a plugin`() throws {
    guard case .token("t") = try load(user: "token: t\n    " + exec()).credentials else {
      return fail()
    }
  }

  @Test(arguments: [
    ("exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}", "v1alpha1"),
    ("exec: {command: x}", "version none"),
    ("exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}", "command"),
    ("exec: {command: x, apiVersion: client.authentication.k8s.io/v1}", "interactiveMode"),
    (
      "exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}",
      "interactiveMode: Always"
    ),
    (
      "exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Now}",
      "Now"
    ),
    (
      "exec: {command: x, apiVersion: client.authentication.k8s.io/v1beta1, arg: [a]}", "\"arg\""
    ),
    ("exec: {command: x, apiVersion: client.authentication.k8s.io/v1beta1, args: [1]}", "args"),
  ])
  func `What is wrong with it is said`(user: String, part: String) throws {
    expectConfiguration(part) { try load(user: user) }
  }

  @Test func `What it is told`() async throws {
    let file = "\(folder.path)/said"
    var plugin = try script(
      """
      { echo "$KUBERNETES_EXEC_INFO"; echo "$ADDED"; echo "$HOME"; echo "$*"; wc -c; } > \(file)
      echo '\(answer(#""token":"t""#))'
      """)
    try folder.write("ca.pem", pem)
    plugin.environment = ["ADDED": "yes"]
    plugin.arguments = ["a b", "c"]
    plugin.cluster = try self.plugin(
      user: exec("x", "provideClusterInfo: true"),
      cluster: """
        certificate-authority: ca.pem
            tls-server-name: name
            extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: 7}}]
        """
    ).cluster
    #expect(try await plugin.run().token == "t")
    let said = try String(contentsOfFile: file, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(
      try JSONValue(parsing: String(said[0])) == [
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
        "spec": [
          "interactive": false,
          "cluster": [
            "server": "https://a:6443", "tls-server-name": "name",
            "certificate-authority-data": .string(pemInBase64), "config": ["audience": 7],
          ],
        ],
      ])
    #expect(said[1] == "yes" && said[2] == ProcessInfo.processInfo.environment["HOME"] ?? "")
    // Its standard input is empty.
    #expect(said[3] == "a b c" && said[4] == "0")
  }

  @Test func `What it answers`() async throws {
    let token = try await script(
      "echo '\(answer(#""token":"t","expirationTimestamp":"2030-01-02T03:04:05.678Z""#))'"
    ).run()
    #expect(token.token == "t" && token.identity == nil)
    #expect(
      token.expiresAt.map { abs($0.timeIntervalSince1970 - 1_893_553_445.678) < 0.01 } == true)
    let certificate = try await script(
      "echo '\(answer(version: "v1beta1", #""clientCertificateData":"C","clientKeyData":"K""#))'",
      version: .v1beta1
    ).run()
    #expect(certificate.identity == .init(certificate: Array("C".utf8), key: Array("K".utf8)))
    #expect(certificate.expiresAt == nil && certificate.token == nil)
  }

  @Test func `What it must not answer`() async throws {
    try await refused(
      "version client.authentication.k8s.io/v1beta1",
      script("echo '\(answer(version: "v1beta1", #""token":"s3cret""#))'"))
    try await refused("neither", script("echo '\(answer(""))'"))
    try await refused(
      "without its key", script("echo '\(answer(#""clientCertificateData":"s3cret""#))'"))
    try await refused(
      "RFC 3339",
      script("echo '\(answer(#""token":"s3cret","expirationTimestamp":"tomorrow""#))'"))
    try await refused("ExecCredential", script("echo s3cret"))
    try await refused("ExecCredential", script("true"))
  }

  @Test func `How it fails`() async throws {
    try await refused(
      "exit code 3: log in first", script("echo s3cret; echo log in first >&2; exit 3"))
    let begin = ContinuousClock.now
    // With what it has started, which holds its output open.
    try await refused("no answer", script("sleep 300 & sleep 301", timeout: .milliseconds(300)))
    #expect(begin.duration(to: .now) < .seconds(20))
    try await refused("cannot be heard", script("head -c 3000000 /dev/zero"))
  }

  @Test func `A program that is missing, and how to get it`() async throws {
    for command in ["ark-absent-plugin", "\(folder.path)/absent"] {
      let plugin = ExecPlugin(version: .v1, command: command, installHint: "apt install it\n")
      let error = try await refusal { try await plugin.run() }
      #expect(error.message.hasSuffix("is it installed?\napt install it"), "\(error)")
    }
  }
}

/// When a plugin is asked.
@Suite(.timeLimit(.minutes(2))) struct ExecCachingTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  /// A plugin whose n-th run answers with the token `t<n>`.
  func counting(_ rest: String = "", sleep: String = "0") throws -> ExecPlugin {
    let path = try folder.write(
      "plugin",
      """
      #!/bin/sh
      echo x >> \(folder.path)/runs
      sleep \(sleep)
      echo '\(answer("\"token\":\"tN\"\(rest)"))' | sed "s/tN/t$(wc -l < \(folder.path)/runs)/"
      """)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
    return ExecPlugin(version: .v1, command: path)
  }

  var runs: Int {
    (try? String(contentsOfFile: "\(folder.path)/runs", encoding: .utf8))?.filter(\.isNewline).count
      ?? 0
  }

  @Test func `Once, until what it brought runs out`() async throws {
    let clock = Clock(Date(timeIntervalSince1970: 1_893_553_445))
    let source = CredentialSource(
      .exec(try counting(#","expirationTimestamp":"2030-01-02T04:04:05Z""#)), now: { clock.now })
    #expect(try await source.credential()?.token == "t1")
    clock.advance(3589)
    #expect(try await source.credential()?.token == "t1")
    clock.advance(2)
    #expect(try await source.credential()?.token == "t2")
    // Another time per call, since it brings nothing better.
    #expect(try await source.credential()?.token == "t3")
  }

  @Test func `Anew when the API server refuses, and not for what is newer already`() async throws {
    let source = CredentialSource(.exec(try counting()))
    let first = try #require(try await source.credential())
    let second = try #require(try await source.credential(after: first))
    #expect(first.token == "t1" && second.token == "t2")
    #expect(try await source.credential(after: first) == second)
    #expect(runs == 2)
  }

  @Test func `Many calls wait for one run`() async throws {
    let source = CredentialSource(.exec(try counting(sleep: "0.3")))
    let tokens = try await withThrowingTaskGroup { group in
      for _ in 0..<20 { group.addTask { try await source.credential()?.token } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(tokens == Array(repeating: "t1", count: 20) && runs == 1)
  }

  @Test func `Whoever is cancelled takes nobody along`() async throws {
    let source = CredentialSource(.exec(try counting(sleep: "0.5")))
    let first = Task { try await source.credential() }
    try await eventually { runs == 1 }
    let second = Task { try await source.credential()?.token }
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    #expect(try await second.value == "t2")
  }

  @Test func `A call brings it, and asks anew after 401`() async throws {
    let plugin = try counting()
    let server = try await ScriptedAPIServer.start { request in
      request.header("authorization") == "Bearer t2"
        ? .answer(.init(200)) : .answer(.refusal(401, reason: "Unauthorized"))
    }
    defer { server.stop() }
    let client = try KubernetesClient(server.configuration(credentials: .exec(plugin)))
    _ = try await client.create("/x", [:])
    _ = try await client.get("/x")
    #expect(server.requests.map(\.method) == ["POST", "POST", "GET"])
    #expect(runs == 2)
  }

  @Test func `A certificate that a plugin brings is shown to the real server`() async throws {
    let admin = try KubernetesConfiguration.load(path: Stack.current.adminKubeconfig)
    guard case .certificateFiles(let certificate, let key) = admin.credentials else {
      return fail()
    }
    func line(_ file: String) throws -> String {
      try String(contentsOfFile: file, encoding: .utf8).replacing("\n", with: #"\n"#)
    }
    let output = answer(
      #""clientCertificateData":"\#(try line(certificate))","clientKeyData":"\#(try line(key))""#)
    let file = try folder.write("answer", output)
    var configuration = admin
    configuration.credentials = .exec(
      ExecPlugin(version: .v1, command: "cat", arguments: [file]))
    let client = try KubernetesClient(configuration)
    _ = try await client.get("/api/v1/namespaces/kube-system/secrets?limit=1")
  }
}
