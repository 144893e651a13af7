internal import Foundation
internal import HTTP
internal import TestSupport
internal import Testing

@testable import Kubernetes

/// A folder that is removed when the test ends.
final class Folder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("kube-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult func write(_ name: String, _ text: String) throws -> String {
    let file = "\(path)/\(name)"
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    return file
  }
}

/// Looks like a certificate.
let pem = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"
let pemInBase64 = Data(pem.utf8).base64EncodedString()

func kubeconfig(
  cluster: String = "certificate-authority-data: \(pemInBase64)", user: String = "token: t",
  server: String = "https://a:6443"
) -> String {
  """
  apiVersion: v1
  kind: Config
  current-context: one
  contexts:
  - name: one
    context: {cluster: c, user: u, namespace: team}
  - name: two
    context: {cluster: d, user: u}
  - name: broken
    context: {cluster: absent, user: u}
  clusters:
  - name: c
    cluster:
      server: \(server)
      \(cluster)
  - name: d
    cluster:
      server: https://d/
      certificate-authority: ca.pem
  users:
  - name: u
    user:
      \(user)
  """
}

func expectConfiguration(
  _ part: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> KubernetesConfiguration
) {
  do {
    let configuration = try body()
    Issue.record("\(configuration.server)", sourceLocation: sourceLocation)
  } catch {
    let error = error as? KubernetesError
    #expect(error?.kind == .configuration, sourceLocation: sourceLocation)
    #expect(error?.outcomeUnknown == false, sourceLocation: sourceLocation)
    #expect("\(error as Any)".contains(part), "\(error as Any)", sourceLocation: sourceLocation)
  }
}

@Suite struct KubernetesConfigurations {
  let folder: Folder

  init() throws { folder = try Folder() }

  func load(_ text: String, context: String? = nil) throws -> KubernetesConfiguration {
    try KubernetesConfiguration.load(path: folder.write("config", text), context: context)
  }

  @Test func `The current context, or another`() throws {
    let one = try load(kubeconfig())
    #expect(one.server == "https://a:6443" && one.namespace == "team")
    guard case .authorities(let authorities) = one.trust else { return fail() }
    #expect(authorities == Array(pem.utf8))
    guard case .token("t") = one.credentials else { return fail() }
    // Relative to the kubeconfig.
    try folder.write("ca.pem", pem)
    let two = try load(kubeconfig(), context: "two")
    #expect(two.server == "https://d" && two.namespace == "default")
    guard case .authorityFile(let file) = two.trust else { return fail() }
    #expect(file == "\(folder.path)/ca.pem")
  }

  /// It may be read while somebody writes it, and the reason goes into a log.
  @Test func `A file that is cut off within a secret does not show it`() throws {
    let error = #expect(throws: KubernetesError.self) {
      try load("users:\n- name: u\n  user: {token: \"open-sesame")
    }
    #expect(error.map { "\($0)".contains("line 3") && !"\($0)".contains("sesame") } == true)
  }

  @Test func `What is missing is said by name`() throws {
    expectConfiguration("absent") { try load(kubeconfig(), context: "broken") }
    expectConfiguration("\"three\"") { try load(kubeconfig(), context: "three") }
    expectConfiguration("ca.pem") { try load(kubeconfig(), context: "two") }
    expectConfiguration("current context") { try load("apiVersion: v1\nkind: Config\n") }
    expectConfiguration("no YAML") { try load("a: [") }
    expectConfiguration("/absent/config") {
      try KubernetesConfiguration.load(path: "/absent/config")
    }
  }

  @Test(arguments: [
    ("auth-provider: {name: gcp}", "auth-provider"), ("username: admin", "username (admin)"),
    ("password: secret", "password"), ("as: somebody", "as (somebody)"), ("as-uid: '7'", "as-uid"),
    ("as-groups: [a]", "as-groups"), ("as-user-extra: {a: [b]}", "as-user-extra"),
    // Passed over, it would make us anonymous.
    ("tokenfile: /x", "\"tokenfile\""),
  ])
  func `What is not supported is refused by name`(user: String, name: String) throws {
    expectConfiguration(name) { try load(kubeconfig(user: user)) }
    do {
      _ = try load(kubeconfig(user: user))
    } catch {
      #expect(!"\(error)".contains("secret"))
    }
  }

  @Test(arguments: [
    ("proxy-url: http://p:1", "http://p:1"),
    ("certificate-authorities: ca.pem", "certificate-auth"),
    ("insecure-skip-tls-verify: 'true'", "insecure-skip-tls-verify"),
  ])
  func `What is not supported of a cluster is refused by name`(cluster: String, name: String) throws
  {
    expectConfiguration(name) { try load(kubeconfig(cluster: cluster)) }
  }

  @Test func `What does not matter is passed over`() throws {
    let cluster = "disable-compression: true\n    extensions: [{name: x, extension: {y: z}}]"
    #expect(try load(kubeconfig(cluster: cluster)).server == "https://a:6443")
  }

  @Test func `An authority that is named is never passed over`() throws {
    expectConfiguration("ca.pem") { try load(kubeconfig(), context: "two") }
    try folder.write("ca.pem", "")
    expectConfiguration("holds no certificate") { try load(kubeconfig(), context: "two") }
    expectConfiguration("holds no certificate") {
      try load(kubeconfig(cluster: "certificate-authority-data: Q0E="))
    }
    // Not even for the sake of experiments.
    expectConfiguration("absent.pem") {
      try load(
        kubeconfig(
          cluster: "certificate-authority: absent.pem\n    insecure-skip-tls-verify: true"))
    }
  }

  /// As a template leaves it whose variable is unset: not the wish to trust whomever the system trusts.
  @Test(arguments: ["certificate-authority-data", "certificate-authority"])
  func `An authority that is named and empty is an error`(key: String) throws {
    expectConfiguration("has an empty \(key)") {
      try load(kubeconfig(cluster: "\(key): ''"))
    }
    // Beside one that is not empty it says nothing.
    let other =
      key == "certificate-authority"
      ? "certificate-authority-data: \(pemInBase64)" : "certificate-authority: own.pem"
    try folder.write("own.pem", pem)
    let both = try load(kubeconfig(cluster: "\(key): ''\n    \(other)"))
    if case .system = both.trust { fail() }
    guard case .system = try load(kubeconfig(cluster: "disable-compression: true")).trust else {
      return fail()
    }
  }

  @Test func `The name that a certificate must bear`() throws {
    #expect(try load(kubeconfig()).serverName == nil)
    let configuration = try load(
      kubeconfig(
        cluster: "tls-server-name: inner\n    certificate-authority-data: \(pemInBase64)"))
    #expect(configuration.serverName == "inner" && configuration.server == "https://a:6443")
  }

  @Test(arguments: [
    ("tokenFile: t", "tokenFile"), ("token: t", "token"),
    (
      "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Never}",
      "exec"
    ),
  ])
  func `A certificate beside something else is refused, not taken alone`(
    other: String, name: String
  ) throws {
    let certificate = "client-certificate-data: Q1JU\n    client-key-data: S0VZ"
    expectConfiguration("client certificate beside \(name)") {
      try load(kubeconfig(user: "\(certificate)\n    \(other)"))
    }
  }

  @Test func `Trust in anybody only if it is written`() throws {
    guard case .anybody = try load(kubeconfig(cluster: "insecure-skip-tls-verify: true")).trust
    else {
      return fail()
    }
    guard case .system = try load(kubeconfig(cluster: "insecure-skip-tls-verify: false")).trust
    else {
      return fail()
    }
    // An authority that is given is never passed over.
    let both = try load(
      kubeconfig(
        cluster: "insecure-skip-tls-verify: true\n    certificate-authority-data: \(pemInBase64)"))
    guard case .authorities = both.trust else { return fail() }
  }

  @Test func `Certificates, by data or file`() throws {
    try folder.write("keys/client.crt", "CRT")
    let configuration = try load(
      kubeconfig(user: "client-certificate: keys/client.crt\n    client-key-data: S0VZ"))
    guard case .certificate(let identity) = configuration.credentials else { return fail() }
    #expect(identity.certificate == Array("CRT".utf8) && identity.key == Array("KEY".utf8))
    let data = try load(
      kubeconfig(user: "client-certificate-data: Q1JU\n    client-key-data: S0VZ\n    token: ''"))
    guard case .certificate(let both) = data.credentials else { return fail() }
    #expect(both.certificate == Array("CRT".utf8) && both.key == Array("KEY".utf8))
    // Data goes before a file.
    let first = try load(
      kubeconfig(
        user: "client-certificate: keys/client.crt\n    client-certificate-data: QQ==\n    "
          + "client-key-data: S0VZ"))
    guard case .certificate(let preferred) = first.credentials else { return fail() }
    #expect(preferred.certificate == Array("A".utf8))
    expectConfiguration("without its key") {
      try load(kubeconfig(user: "client-certificate-data: S0VZ"))
    }
    expectConfiguration("no Base64") {
      try load(kubeconfig(user: "client-certificate-data: '!'\n    client-key-data: S0VZ"))
    }
    expectConfiguration("keys/absent.key") {
      try load(
        kubeconfig(user: "client-certificate: keys/client.crt\n    client-key: keys/absent.key"))
    }
    try folder.write("keys/client.key", "KEY")
    let files = try load(
      kubeconfig(user: "client-certificate: keys/client.crt\n    client-key: keys/client.key"))
    guard case .certificateFiles(let certificate, let key) = files.credentials else {
      return fail()
    }
    #expect(certificate == "\(folder.path)/keys/client.crt")
    #expect(key == "\(folder.path)/keys/client.key")
  }

  @Test func `Base64 in several lines, as block scalars hold it`() throws {
    let half = pemInBase64.index(pemInBase64.startIndex, offsetBy: 20)
    let folded = "\(pemInBase64[..<half])\n      \(pemInBase64[half...])"
    let configuration = try load(
      kubeconfig(cluster: "certificate-authority-data: |\n      \(folded)"))
    guard case .authorities(let bytes) = configuration.trust else { return fail() }
    #expect(bytes == Array(pem.utf8))
  }

  @Test func `A token that YAML takes for a number is refused, not passed over`() throws {
    expectConfiguration("token") { try load(kubeconfig(user: "token: 12345")) }
  }

  @Test func `A token and its file: the file wins`() throws {
    let configuration = try load(kubeconfig(user: "token: t\n    tokenFile: secrets/token"))
    guard case .tokenFile(let path) = configuration.credentials else { return fail() }
    #expect(path == "\(folder.path)/secrets/token")
  }

  @Test func `The places, in order`() throws {
    let first = try folder.write("first", kubeconfig(server: "https://first"))
    let home = try folder.write("home/.kube/config", kubeconfig(server: "https://home"))
    #expect(!home.isEmpty)
    func server(_ environment: [String: String], path: String? = nil) throws -> String {
      try KubernetesConfiguration.load(path: path, environment: environment).server
    }
    let inCluster = ["KUBERNETES_SERVICE_HOST": "10.0.0.1"]
    let withHome = inCluster.merging(["HOME": "\(folder.path)/home"]) { $1 }
    #expect(try server(withHome) == "https://home")
    #expect(
      try server(withHome.merging(["KUBECONFIG": "/absent:\(first)"]) { $1 }) == "https://first")
    #expect(
      try server(withHome.merging(["KUBECONFIG": "/absent"]) { $1 }, path: first) == "https://first"
    )
    expectConfiguration("/absent") {
      try KubernetesConfiguration.load(environment: ["KUBECONFIG": "/absent"])
    }
    expectConfiguration("inside a cluster") { try KubernetesConfiguration.load(environment: [:]) }
  }

  /// Like `--kubeconfig <(…)`.
  @Test func `A pipe is read once, to its end`() throws {
    let folder = try Folder()
    let content = kubeconfig() + String(repeating: "# a comment\n", count: 10_000)
    let path = try folder.write("config", content)
    let pipe = Pipe()
    Thread { [writing = pipe.fileHandleForWriting] in
      try? writing.write(contentsOf: Data(content.utf8))
      try? writing.close()
    }.start()
    var piped = try KubernetesConfiguration.load(
      path: "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)")
    let file = try KubernetesConfiguration.load(path: path)
    #expect(piped.server == file.server && piped.namespace == "team")
    // It cannot be looked at again, a file can.
    #expect(piped.origin == nil && file.origin?.paths == [path])
    piped.origin = file.origin
    #expect("\(piped)" == "\(file)")
  }

  @Test func `Several files: the first that has an entry has the word`() throws {
    let first = try folder.write(
      "one/config",
      """
      current-context: ""
      clusters:
      - name: c
        cluster: {server: "https://first", certificate-authority: ca.pem}
      """)
    let second = try folder.write(
      "two/config",
      """
      current-context: x
      contexts:
      - name: x
        context: {cluster: c, user: u, namespace: second}
      - name: y
        context: {cluster: d, user: u}
      clusters:
      - name: c
        cluster: {server: "https://second", tls-server-name: second}
      users:
      - name: u
        user: {tokenFile: token}
      """)
    let third = try folder.write(
      "three/config",
      """
      current-context: y
      contexts:
      - name: x
        context: {cluster: d, user: u}
      clusters:
      - name: d
        cluster: {server: "https://third"}
      users:
      - name: u
        user: {token: third}
      """)
    try folder.write("one/ca.pem", pem)
    try folder.write("two/ca.pem", "")
    func load(_ context: String? = nil) throws -> KubernetesConfiguration {
      try KubernetesConfiguration.load(
        context: context, environment: ["KUBECONFIG": "\(first):/absent:\(second):\(third)"])
    }
    let current = try load()
    // As a whole: nothing of the second's entry is taken over.
    #expect(current.server == "https://first" && current.serverName == nil)
    #expect(current.namespace == "second")
    guard case .authorityFile("\(folder.path)/one/ca.pem") = current.trust else { return fail() }
    guard case .tokenFile("\(folder.path)/two/token") = current.credentials else { return fail() }
    #expect(try load("y").server == "https://third")
    expectConfiguration("\(first), \(second), \(third)") { try load("z") }
  }

  @Test func `An empty file among several has nothing to say`() throws {
    let empty = try folder.write("empty", "")
    let full = try folder.write("full", kubeconfig())
    let configuration = try KubernetesConfiguration.load(
      environment: ["KUBECONFIG": "\(empty):\(full)"])
    #expect(configuration.server == "https://a:6443")
  }

  /// Whom kubectl of the same version takes for the same.
  @Test func `Several files are merged as kubectl merges them`() async throws {
    let first = try folder.write(
      "first", "clusters: [{name: c, cluster: {server: 'https://first'}}]\nusers: [{name: u}]\n")
    let second = try folder.write("second", kubeconfig(server: "https://second"))
    let list = "\(first):\(second)"
    let result = try await Tool.run(
      Stack.current.kubectl,
      ["config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"],
      environment: ["KUBECONFIG": list])
    let own = try KubernetesConfiguration.load(environment: ["KUBECONFIG": list])
    #expect(result.output == own.server && own.server == "https://first", "\(result.error)")
    guard case .none = own.credentials else { return fail() }
  }

  @Test func `In a pod, also over IPv6`() throws {
    try folder.write("token", "t")
    try folder.write("ca.crt", pem)
    try folder.write("namespace", "system\n")
    let configuration = try KubernetesConfiguration.inCluster(
      host: "fd00::1", port: "6443", folder: folder.path)
    #expect(configuration.server == "https://[fd00::1]:6443" && configuration.namespace == "system")
    guard case .tokenFile("\(folder.path)/token") = configuration.credentials,
      case .authorityFile("\(folder.path)/ca.crt") = configuration.trust
    else { return fail() }

    func inCluster() throws -> KubernetesConfiguration {
      try KubernetesConfiguration.inCluster(host: "10.0.0.1", port: "443", folder: folder.path)
    }
    #expect(try inCluster().server == "https://10.0.0.1:443")
    try folder.write("ca.crt", "")
    expectConfiguration("ca.crt holds no certificate") { try inCluster() }
    try FileManager.default.removeItem(atPath: "\(folder.path)/ca.crt")
    expectConfiguration("ca.crt") { try inCluster() }
    try FileManager.default.removeItem(atPath: "\(folder.path)/token")
    expectConfiguration("automountServiceAccountToken") { try inCluster() }
  }

  /// As a pod finds it, by its variables and its folder; a kubeconfig in the home folder goes before.
  @Test(arguments: [("10.0.0.1", "10.0.0.1"), ("fd00::1", "[fd00::1]")])
  func `In a pod, by its environment`(host: String, name: String) throws {
    try folder.write("account/token", "t")
    try folder.write("account/ca.crt", pem)
    try folder.write("account/namespace", "system\n")
    func load(_ more: [String: String] = [:]) throws -> KubernetesConfiguration {
      try KubernetesConfiguration.load(
        environment: ["KUBERNETES_SERVICE_HOST": host].merging(more) { $1 },
        serviceAccount: "\(folder.path)/account")
    }
    #expect(try load().server == "https://\(name):443")
    let configuration = try load([
      "KUBERNETES_SERVICE_PORT": "6443", "HOME": "\(folder.path)/absent",
    ])
    #expect(configuration.server == "https://\(name):6443")
    #expect(configuration.namespace == "system")
    guard case .tokenFile("\(folder.path)/account/token") = configuration.credentials,
      case .authorityFile("\(folder.path)/account/ca.crt") = configuration.trust
    else { return fail() }
    try folder.write("home/.kube/config", kubeconfig(server: "https://home"))
    #expect(try load(["HOME": "\(folder.path)/home"]).server == "https://home")
  }

  @Test func `In a pod there are no contexts`() throws {
    expectConfiguration("\"other\"") {
      try KubernetesConfiguration.load(
        context: "other", environment: ["KUBERNETES_SERVICE_HOST": "10.0.0.1"])
    }
  }
}

func fail(sourceLocation: SourceLocation = #_sourceLocation) {
  Issue.record("another case", sourceLocation: sourceLocation)
}
