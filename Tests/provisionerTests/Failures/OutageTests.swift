internal import Foundation
internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// The way to the API server is cut. What becomes of the server itself is in ServerOutageTests.
@Suite(.timeLimit(.minutes(5))) struct OutageTests {
  /// What a job waits for in a minute, by the database's clock: the pauses grow to half a minute at most.
  @Test func pausesGrowWhileTheAPIServerIsAway() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let server = try await ScriptedAPIServer.start()
      defer { server.stop() }
      let worker = try scene.worker("one", kubeconfig: try server.kubeconfig())
      let id = try await scene.organization()
      try await server.goDown()
      var waited = 0.0
      var longest = 0.0
      while waited < 60 {
        try await scene.hurry(id)
        let hadWork = try await worker.workOnce()
        #expect(hadWork)
        let pause = try await scene.owner.value(
          "SELECT extract(epoch FROM run_at - clock_timestamp()) FROM provisioning.jobs")
        longest = max(longest, Double(pause ?? "") ?? 0)
        waited += max(0, Double(pause ?? "") ?? 0)
      }
      #expect((5.0...30).contains(longest), "\(longest)")
      let job = try await scene.owner.value(
        "SELECT state || ' ' || error_code || ' ' || undo FROM provisioning.jobs")
      #expect(job == "queued unavailable false")
      try await server.comeUp()
      try await scene.finish(.create, of: id, by: worker)
    }
  }

  /// It shows certificates of another authority; which one is trusted stands in the kubeconfig itself, and is
  /// written there only later.
  @Test func anAuthorityInTheKubeconfigIsAnotherOne() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let server = try await ScriptedAPIServer.start()
      defer { server.stop() }
      let kubeconfig = try server.kubeconfig()
      let worker = try scene.worker("one", kubeconfig: kubeconfig)
      let first = try await scene.organization("first")
      try await scene.work(worker, until: first, is: "COMMITTED")
      try await server.use(try await TestAuthority.make())
      server.cut()
      let id = try await scene.organization()
      func attempt() async throws -> String? {
        try await scene.hurry(id)
        let hadWork = try await worker.workOnce()
        #expect(hadWork)
        return try await scene.owner.value(
          "SELECT concat_ws(' ', state, error_code, error) FROM provisioning.jobs WHERE org_id = $1",
          [.int(id)])
      }
      // The first call may have met the end of the old connection.
      try await eventually("a server that is not trusted") {
        try await attempt()?.contains("certificate") == true
      }
      let sent = server.requests.count
      let job = try await attempt()
      #expect(job?.hasPrefix("queued unavailable") == true, "\(job ?? "-")")
      #expect(server.requests.count == sent)
      #expect(try server.kubeconfig() == kubeconfig)
      try await scene.finish(.create, of: id, by: worker)
    }
  }

  /// Packets are lost without a word, or the answers are: found in seconds, and by no other worker's doing.
  @Test(arguments: [Change.create, .delete], [false, true])
  func theSocketIsBlackHoled(_ change: Change, onlyAnswers: Bool) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let id = try await scene.prepare(change, by: try scene.worker("before"))
      let own = try String(contentsOfFile: scene.cluster.provisionerKubeconfig, encoding: .utf8)
      let port = try #require(Int(own.firstMatch(of: /server: https:\/\/127.0.0.1:(\d+)/)!.1))
      let relay = Relay(to: port)
      defer { relay.stop() }
      let kubeconfig = "\(scene.cluster.folder)/\(scene.prefix).kubeconfig"
      try own.replacing(":\(port)", with: ":\(relay.port)")
        .write(toFile: kubeconfig, atomically: true, encoding: .utf8)
      defer { try? FileManager.default.removeItem(atPath: kubeconfig) }
      let worker = try scene.worker("one", kubeconfig: kubeconfig) { caller in
        InterruptedCaller(
          caller, .before, { change == .create ? $0.createsChild : $0.deletesNamespace }
        ) {
          if onlyAnswers { relay.stall() } else { relay.drop() }
        }
      }
      let began = ContinuousClock.now
      let hadWork = try await worker.workOnce()
      #expect(hadWork)
      // Within the deadlines of a write and of the look at it.
      #expect(began.duration(to: .now) < .seconds(40))
      #expect(
        try await scene.owner.value(
          "SELECT error_code FROM provisioning.jobs ORDER BY job_id DESC LIMIT 1") == "unavailable")
      relay.heal()
      relay.resume()
      try await scene.finish(change, of: id, by: worker)
    }
  }
}
