internal import Foundation
internal import HTTP
internal import Kubernetes

/// The stack's API server, behind a scripted one.
final class Upstream: Sendable {
  private let server: String
  private let asCaller: HTTPClient
  private let asAdministrator: HTTPClient

  init(kubeconfig: String) throws {
    let configuration = try KubernetesConfiguration.load(path: kubeconfig)
    server = configuration.server
    var settings = HTTPClientConfiguration()
    settings.trust = configuration.trust
    asCaller = HTTPClient(settings)
    switch configuration.credentials {
    case .certificate(let identity): settings.identity = identity
    case .certificateFiles(let certificate, let key):
      settings.identity = HTTPClientConfiguration.Identity(
        certificate: Array(try Data(contentsOf: URL(fileURLWithPath: certificate))),
        key: Array(try Data(contentsOf: URL(fileURLWithPath: key))))
    default: break
    }
    asAdministrator = HTTPClient(settings)
  }

  func send(_ request: ScriptedAPIServer.Request) async throws -> ScriptedAPIServer.Answer {
    let passed: Set = ["authorization", "content-type", "accept", "audit-id", "user-agent"]
    let client = request.header("authorization") == nil ? asAdministrator : asCaller
    let response = try await client.send(
      HTTPRequest(
        method: request.method, url: server + request.path,
        headers: request.headers.filter { passed.contains($0.name) },
        body: request.body.isEmpty ? nil : request.body))
    let returned: Set = ["content-type", "audit-id", "warning", "retry-after"]
    return ScriptedAPIServer.Answer(
      response.status, headers: response.headers.filter { returned.contains($0.name) },
      bytes: response.body)
  }
}
