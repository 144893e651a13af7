internal import Foundation
internal import HTTP
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

func kubeconfig(
  cluster: String = "certificate-authority-data: Q0E=", user: String = "token: t",
  server: String = "https://a:6443"
) -> String {
  """
  apiVersion: v1
  kind: Config
  current-context: one
  contexts:
  - name: one
    context: {cluster: c, user: u, namespace: n}
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
    #expect(one.server == "https://a:6443" && one.namespace == "n")
    guard case .authorities(let authorities) = one.trust else { return fail() }
    #expect(authorities == Array("CA".utf8))
    guard case .token("t") = one.credentials else { return fail() }
    // Relative to the kubeconfig.
    try folder.write("ca.pem", "PEM")
    let two = try load(kubeconfig(), context: "two")
    #expect(two.server == "https://d" && two.namespace == "default")
    guard case .authorities(let file) = two.trust else { return fail() }
    #expect(file == Array("PEM".utf8))
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
    ("exec: {command: aws}", "exec"), ("auth-provider: {name: gcp}", "auth-provider"),
    ("username: admin", "username"), ("as: somebody", "as"),
  ])
  func `What is not supported is refused by name`(user: String, name: String) throws {
    expectConfiguration(name) { try load(kubeconfig(user: user)) }
  }

  @Test func `A proxy is refused by name`() throws {
    expectConfiguration("http://p:1") {
      try load(kubeconfig(cluster: "proxy-url: http://p:1"))
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
      kubeconfig(cluster: "insecure-skip-tls-verify: true\n    certificate-authority-data: Q0E="))
    guard case .authorities = both.trust else { return fail() }
  }

  @Test func `Certificates, by data or file`() throws {
    try folder.write("keys/client.crt", "CRT")
    let configuration = try load(
      kubeconfig(user: "client-certificate: keys/client.crt\n    client-key-data: S0VZ"))
    guard case .certificate(let identity) = configuration.credentials else { return fail() }
    #expect(identity.certificate == Array("CRT".utf8) && identity.key == Array("KEY".utf8))
    expectConfiguration("without its key") {
      try load(kubeconfig(user: "client-certificate-data: S0VZ"))
    }
    expectConfiguration("no Base64") {
      try load(kubeconfig(user: "client-certificate-data: '!'\n    client-key-data: S0VZ"))
    }
  }

  @Test func `Base64 in several lines, as block scalars hold it`() throws {
    let configuration = try load(
      kubeconfig(cluster: "certificate-authority-data: |\n      QUJD\n      REVG"))
    guard case .authorities(let bytes) = configuration.trust else { return fail() }
    #expect(bytes == Array("ABCDEF".utf8))
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

  @Test func `In a pod, also over IPv6`() throws {
    try folder.write("token", "t")
    try folder.write("ca.crt", "CA")
    try folder.write("namespace", "system\n")
    let configuration = try KubernetesConfiguration.inCluster(
      host: "fd00::1", port: "6443", folder: folder.path)
    #expect(configuration.server == "https://[fd00::1]:6443" && configuration.namespace == "system")
    guard case .tokenFile("\(folder.path)/token") = configuration.credentials else {
      return fail()
    }
    try FileManager.default.removeItem(atPath: "\(folder.path)/token")
    expectConfiguration("automountServiceAccountToken") {
      try KubernetesConfiguration.inCluster(host: "10.0.0.1", port: "443", folder: folder.path)
    }
  }
}

func fail(sourceLocation: SourceLocation = #_sourceLocation) {
  Issue.record("another case", sourceLocation: sourceLocation)
}
