internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// What an undo may meet. Its crash is in KillTests.
@Suite(.timeLimit(.minutes(4))) struct UndoTests {
  private func undo(
    at matches: @escaping @Sendable (Request) -> Bool,
    meets act: @escaping @Sendable (Scene) async throws -> Void,
    _ body: (Scene, Int64, Worker) async throws -> Void
  ) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let id = try await scene.prepare(.undo, by: try scene.worker("one"))
      let worker = try interrupted(scene, .before, matches) { try await act(scene) }
      _ = try await worker.worker.workOnce()
      #expect(try worker.caller.hasHappened())
      try await body(scene, id, worker.worker)
      try await scene.finish(.undo, of: id, by: worker.worker)
      #expect(try await scene.status(scene.namespacePath()) == 404)
    }
  }

  private func outcomes(_ scene: Scene) async throws -> String? {
    try await scene.owner.value(
      """
      SELECT string_agg(outcome || coalesce(' ' || http_status, ''), ', ' ORDER BY fence)
      FROM provisioning.steps WHERE step = 'undo'
      """)
  }

  @Test func whatIsGoneBeforeItLooksIsAbsent() async throws {
    try await undo(at: { _ in true }, meets: { try await remove($0) }) {
      (scene, id, _) async throws in
      #expect(try await scene.organizationStatus(id) == "FAILED")
      #expect(try await outcomes(scene) == "absent")
    }
  }

  @Test func whatIsGoneWhenItDeletesIsDeleted() async throws {
    try await undo(at: { $0.deletesNamespace }, meets: { try await remove($0) }) {
      (scene, id, _) async throws in
      #expect(try await scene.organizationStatus(id) == "FAILED")
      #expect(try await outcomes(scene) == "deleted")
    }
  }

  /// 409: what has changed since it was read is read again.
  @Test func whatHasChangedIsReadAgain() async throws {
    try await undo(
      at: { $0.deletesNamespace },
      meets: { scene in
        _ = try await scene.kubernetes.mergePatch(
          scene.namespacePath(), ["metadata": ["labels": ["touched": "yes"]]])
      }
    ) { (scene, id, _) async throws in
      #expect(try await scene.organizationStatus(id) == "PENDING")
      #expect(try await outcomes(scene) == "failed 409")
    }
  }

  /// 422: a fence that is not the one that was read.
  @Test func anotherFenceIsNotTakenOver() async throws {
    try await undo(
      at: { $0.takesOver },
      meets: { scene in
        _ = try await scene.kubernetes.mergePatch(
          scene.namespacePath(),
          ["metadata": ["annotations": ["agent-ready-k8s/fence": "0"]]])
      }
    ) { (scene, id, _) async throws in
      #expect(try await scene.organizationStatus(id) == "PENDING")
      #expect(try await scene.namespace()["metadata"]?["deletionTimestamp"] == nil)
    }
  }

  @Test func whatDoesNotGoIsReportedAndWaitedFor() async throws {
    try await undo(at: { $0.deletesNamespace }, meets: { try await hold($0) }) {
      (scene, id, worker) async throws in
      try await eventually("what holds it") {
        try await scene.hurry(id)
        _ = try await worker.workOnce()
        let detail = try await scene.owner.value(
          "SELECT detail FROM provisioning.steps WHERE step = 'undo' ORDER BY fence DESC LIMIT 1")
        return detail?.contains("example.com/keep") == true
      }
      #expect(try await scene.organizationStatus(id) == "PENDING")
      try await letGo(scene)
    }
  }
}
