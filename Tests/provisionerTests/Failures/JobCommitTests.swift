internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// SIGKILL of a worker at the commits that every kind of job has: before PostgreSQL has the call, or when it is done
/// and before the worker has heard of it. Nothing of it is heard any more. That of the process, and the other
/// commits (that of the end, too), are in DaemonKillTests.
@Suite(.timeLimit(.minutes(4))) struct JobCommitTests {
  enum Commit: String, Sendable, CaseIterable, CustomStringConvertible {
    case claim, fail

    var description: String { rawValue }
  }

  @Test(arguments: Change.groups, Commit.allCases)
  func aWorkerKilledAtACommitIsSucceeded(_ changes: [Change], _ commit: Commit) async throws {
    try await Trial.play { trial in
      let scene = trial.scene
      let successor = try scene.worker("succeeds")
      var tenant: Int64?
      for (number, side) in [Trap.Side.before, .after].enumerated() {
        for change in changes {
          let name = change.isOnce ? "n\(number)" : "acme"
          let id: Int64
          if let tenant {
            id = tenant
            try await scene.ask(for: change, of: id, name, number: number + 1)
          } else {
            id = try await scene.prepare(change, name, by: successor)
            if !change.isOnce { tenant = id }
          }
          try await die(at: commit, side, in: scene, as: successor.caller)
          // What is committed stands, and nothing else does.
          let isHeld = (commit == .claim) == (side == .after)
          try await eventually("\(change), \(side) \(commit): \(isHeld ? "held" : "not held")") {
            try await scene.owner.value(
              "SELECT count(*) FROM provisioning.jobs WHERE worker = 'dies' AND state = 'running'")
              == (isHeld ? "1" : "0")
          }
          try await scene.expireLease(of: id)
          try await scene.finish(change, of: id, by: successor)
          guard !change.isOnce else { continue }
          let lacks = try await trial.judge().incomplete
          #expect(lacks.isEmpty, "\(change), \(side) \(commit): \(lacks)")
        }
      }
    }
  }

  /// A worker whose last word is that call.
  private func die(
    at commit: Commit, _ side: Trap.Side, in scene: Scene, as caller: any Caller
  ) async throws {
    let trap = Trap("provisioning.\(commit)($1", side)
    let relay = Relay(
      toSocket: "\(Stack.current.postgresHost)/.s.PGSQL.\(Stack.current.postgresPort)", trap: trap)
    let pool = PostgresPool(
      configuration: PostgresConfiguration(conninfo: relay.conninfo(to: scene.database)), size: 2)
    let worker = Worker(
      queue: Queue(pool: pool, worker: "dies", lease: .seconds(15)),
      caller: commit == .fail ? LonelyCaller() : caller, observe: { _ in })
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { _ = try? await worker.workOnce() }
      try await eventually("\(commit)") { trap.isSprung }
      // Before it could say anything else.
      relay.stop()
      group.cancelAll()
    }
    await pool.close()
  }
}
