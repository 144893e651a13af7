internal import Foundation
internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// A token whose time is over, as those that kubelet mounts have one. That of an account that is gone is in
/// RefusalTests.
@Suite(.timeLimit(.minutes(4))) struct TokenTests {
  /// What is left of a token that ended so long ago: the API server is lenient by a minute (go-jose's
  /// `DefaultLeeway`), and remembers for ten seconds whom it has let in.
  private static let ended: TimeInterval = 35

  @Test func aTokenWhoseTimeIsOverIsReadAgain() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let account = try await ServiceAccount(scene)
      let (token, config) = try await account.tokenFile()
      let one = try scene.worker("one", kubeconfig: config)
      let two = try scene.worker("two", kubeconfig: config)
      for (name, worker) in [("one", one), ("two", two)] {
        let id = try await scene.organization(name)
        try await eventually("COMMITTED") {
          // A slow machine may come too late with it.
          let end = Date(timeIntervalSinceNow: -Self.ended)
          try Data(try await account.token(until: end).utf8).write(to: token, options: .atomic)
          try await scene.hurry(id)
          _ = try await worker.workOnce()
          return try await scene.organizationStatus(id) == "COMMITTED"
        }
      }
      let client = try KubernetesClient(.load(path: config))
      try await eventually(within: .seconds(120), "a token whose time is over") {
        try await status { try await client.get("/api/v1/namespaces/default") } == 401
      }

      // Nobody has renewed it yet: that says nothing about the organisation.
      let late = try await scene.organization("late")
      let hadWork = try await one.workOnce()
      #expect(hadWork)
      let job = try await scene.owner.value(
        "SELECT concat_ws(' ', state, undo, error_code, error) FROM provisioning.jobs WHERE org_id = $1",
        [.int(late)])
      #expect(job?.hasPrefix("queued f unavailable 401 ") == true, "\(job ?? "-")")

      // Renewed: each reads it again when its own is refused, and goes on as if nothing had been.
      try Data(try await account.token().utf8).write(to: token, options: .atomic)
      let next = try await scene.organization("next")
      try await eventually("COMMITTED") {
        // It may be the late one's turn, too.
        _ = try await two.workOnce()
        return try await scene.organizationStatus(next) == "COMMITTED"
      }
      let attempts = try await scene.owner.value(
        "SELECT concat_ws(' ', state, attempts, error_code) FROM provisioning.jobs WHERE org_id = $1",
        [.int(next)])
      #expect(attempts == "done 1", "\(attempts ?? "-")")
      try await scene.finish(.create, of: late, by: one)
      try await account.remove()
    }
  }
}
