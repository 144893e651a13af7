internal import Foundation
internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// Half a minute is what is promised after `kill -9`, with the daemon as it is deployed: its own lease, its
/// own poll.
@Suite(.timeLimit(.minutes(4))) struct RescueTests {
  /// Two daemons, one of which is killed in the middle of a creation, when it has just been given its lease.
  @Test func aKilledDaemonsJobIsDoneWithinHalfAMinute() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let isMet = Mutex(false)
      let server = try await ScriptedAPIServer.start { request in
        guard request.asks("POST", "/networkpolicies") else { return .forward }
        isMet.withLock { $0 = true }
        return .silence
      }
      defer { server.stop() }
      let id = try await scene.organization()
      let dies = try daemon("dies", scene, kubeconfig: try server.kubeconfig())
      try await eventually("the call; \(dies.log)") { isMet.withLock { $0 } }
      let succeeds = try daemon(
        "succeeds", scene, kubeconfig: scene.cluster.provisionerKubeconfig)
      try await eventually("two that listen; \(succeeds.log)") {
        try await scene.owner.value(
          """
          SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
          AND usename = 'provisioner' AND query LIKE 'LISTEN%'
          """) == "2"
      }
      dies.kill(SIGKILL)
      let killed = ContinuousClock.now
      try await eventually("COMMITTED; \(succeeds.log)") {
        try await scene.organizationStatus(id) == "COMMITTED"
      }
      let took = killed.duration(to: .now)
      #expect(took < .seconds(30), "\(took)")
      #expect(
        try await scene.owner.value("SELECT attempts FROM provisioning.jobs WHERE kind = 'create'")
          == "2")
      #expect(try await succeeds.stop() == 0)
    }
  }

  /// As deployed: nothing is said of leases and polls.
  private func daemon(
    _ name: String, _ scene: Scene, kubeconfig: String
  ) throws -> DaemonProcess {
    try DaemonProcess(
      Tool.product("provisioner"),
      [
        "run", "--instance", name, "--database", scene.database.conninfo(user: "provisioner"),
        "--kubeconfig", kubeconfig, "--log-level", "debug",
      ])
  }
}
