internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// What an undo may meet. Its crash is in KillTests, its order in EndOrderTests.
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

  /// What the first attempt of the undo has come to.
  private func outcomes(_ scene: Scene) async throws -> String? {
    try await scene.owner.value(
      """
      SELECT string_agg(concat_ws(' ', step, outcome, http_status), ', '
                        ORDER BY array_position('{hold,close,pods,delete}'::text[], step))
      FROM provisioning.steps AS s
      WHERE fence = (SELECT min(fence) FROM provisioning.steps WHERE step IN ('hold', 'delete'))
      """)
  }

  @Test func whatIsGoneBeforeItLooksIsAbsent() async throws {
    try await undo(at: { _ in true }, meets: { try await remove($0) }) {
      (scene, id, _) async throws in
      #expect(try await scene.organizationStatus(id) == "FAILED")
      #expect(
        try await outcomes(scene) == "hold absent, close skipped, pods skipped, delete skipped")
    }
  }

  /// It looks again.
  @Test func whatIsGoneWhenItClosesIsAbsent() async throws {
    try await undo(at: { $0.turnsGate }, meets: { try await remove($0) }) {
      (scene, id, _) async throws in
      #expect(try await scene.organizationStatus(id) == "PENDING")
      #expect(try await outcomes(scene) == "hold adopted, close failed")
    }
  }

  @Test func whatIsGoneWhenItEmptiesIsAbsent() async throws {
    try await undo(at: { $0.deletesPod }, meets: { try await remove($0) }) {
      (scene, id, _) async throws in
      #expect(try await scene.organizationStatus(id) == "FAILED")
      #expect(
        try await outcomes(scene)
          == "hold adopted, close patched 200, pods deleted, delete absent")
    }
  }

  @Test func whatIsGoneWhenItDeletesIsDeleted() async throws {
    try await undo(at: { $0.deletesNamespace }, meets: { try await remove($0) }) {
      (scene, id, _) async throws in
      #expect(try await scene.organizationStatus(id) == "FAILED")
      #expect(
        try await outcomes(scene)
          == "hold adopted, close patched 200, pods deleted, delete deleted")
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
      #expect(
        try await outcomes(scene)
          == "hold adopted, close patched 200, pods deleted, delete failed 409")
    }
  }

  /// 422: a fence that is not the one that was read.
  @Test func anotherFenceIsNotTakenOver() async throws {
    try await undo(at: { $0.takesOver }, meets: { try await edit($0, fence: "0") }) {
      (scene, id, _) async throws in
      #expect(try await scene.organizationStatus(id) == "PENDING")
      #expect(try await outcomes(scene) == "hold failed")
      let metadata = try await scene.namespace()["metadata"]
      #expect(metadata?["deletionTimestamp"] == nil)
      #expect(metadata?["labels"]?["isolation-ready"] == "true")
    }
  }

  @Test func aLaterFenceIsJumpedOver() async throws {
    try await undo(at: { _ in true }, meets: { try await edit($0, fence: "700") }) {
      (scene, id, _) async throws in
      #expect(try await scene.organizationStatus(id) == "PENDING")
      let fence = try await scene.owner.value(
        "SELECT fence > 700 FROM provisioning.lanes WHERE org_id = $1", [.int(id)])
      #expect(fence == "t")
    }
  }

  private func edit(_ scene: Scene, fence: String) async throws {
    _ = try await scene.kubernetes.mergePatch(
      scene.namespacePath(),
      ["metadata": ["annotations": ["agent-ready-k8s/fence": .string(fence)]]])
  }

  @Test func whatDoesNotGoIsReportedAndWaitedFor() async throws {
    try await undo(at: { $0.deletesNamespace }, meets: { try await hold($0) }) {
      (scene, id, worker) async throws in
      try await eventually("what holds it") {
        try await scene.hurry(id)
        _ = try await worker.workOnce()
        return try await scene.owner.value(
          "SELECT bool_or(detail LIKE '%example.com/keep%') FROM provisioning.steps") == "t"
      }
      #expect(try await scene.organizationStatus(id) == "PENDING")
      try await letGo(scene)
    }
  }

  /// It needs not be closed, but may have been left by an undo that had closed it, and a cluster may have no
  /// policies: whether there are pods is looked.
  @Test func whatWasNeverOpenIsEmptiedAllTheSame() async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let worker = try scene.worker("one")
      try await scene.breakBlueprint()
      let id = try await scene.organization()
      let hadWork = try await worker.workOnce()
      #expect(hadWork)
      try await scene.createPod("slips")
      _ = try await worker.workOnce()
      let outcomes = try await outcomes(scene)
      #expect(
        outcomes?.hasPrefix("hold adopted, close skipped, pods deleted, delete ") == true,
        "\(outcomes ?? "-")")
      try await scene.finish(.undo, of: id, by: worker)
      let written = try await trial.writes().filter { $0.isOurs && $0.isDone }
        .suffix(3).map { "\($0.verb) \($0.resource)" }
      #expect(written == ["patch namespaces", "delete pods", "delete namespaces"])
    }
  }

  /// A plan without such steps, or with some that cannot be computed: then by the deletion alone.
  @Test(arguments: [
    "kinds = array_remove(kinds, 'sweep')", "path = '/{{nothing}}' || path",
  ])
  func withoutABlueprintItDeletes(edit: String) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let worker = try scene.worker("one")
      try await scene.breakBlueprint()
      let id = try await scene.organization()
      _ = try await worker.workOnce()
      try await scene.owner.execute(
        "UPDATE provisioning.blueprint SET \(edit) WHERE step IN ('hold', 'close', 'pods', 'delete')"
      )
      _ = try await worker.workOnce()
      let outcomes = try await outcomes(scene)
      #expect(outcomes?.hasPrefix("delete ") == true, "\(outcomes ?? "-")")
      try await scene.finish(.undo, of: id, by: worker)
      #expect(try await scene.status(scene.namespacePath()) == 404)
    }
  }
}
