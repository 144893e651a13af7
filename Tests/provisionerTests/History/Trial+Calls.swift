internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

extension Trial {
  /// Something happens at the first call of a change, then at the second one of another such change, and so
  /// on, until one comes through without meeting it. Changes of a tenant that stands have one tenant, which
  /// is judged after each: a later one would mend what an earlier one has left.
  /// - Parameters:
  ///   - changes: Those that follow one upon the other in the life of one tenant, or one that makes or ends
  ///     one.
  ///   - worker: Does what comes before, and brings each change to its end.
  ///   - attempt: Makes the first attempt, in which it happens at the call of this number, if it comes to
  ///     it. Returns whether it did.
  /// - Returns: How many calls the first attempt of each has.
  @discardableResult
  func eachCall(
    of changes: [Change], by worker: Worker,
    _ attempt: (Change, Int64, _ call: Int) async throws -> Bool
  ) async throws -> [Change: Int] {
    let scene = scene
    var calls: [Change: Int] = [:]
    var tenant: Int64?
    for call in 1... {
      for change in changes {
        let name = change.isOnce ? "n\(call)" : "acme"
        let id: Int64
        if let tenant {
          id = tenant
          try await scene.ask(for: change, of: id, name, number: call)
        } else {
          id = try await scene.prepare(change, name, by: worker)
          if !change.isOnce { tenant = id }
        }
        let uid = try? await scene.namespace(name)["metadata"]?["uid"]?.string
        if calls[change] == nil, try await !attempt(change, id, call) { calls[change] = call - 1 }
        try await scene.finish(change, of: id, by: worker)
        // One namespace of one uid: what a first attempt has made, the second one has taken over.
        if let uid, change.status == "COMMITTED" {
          let now = try await scene.namespace(name)["metadata"]?["uid"]?.string
          #expect(now == uid)
        }
        if !change.isOnce {
          let lacks = try await judge().incomplete
          #expect(lacks.isEmpty, "\(change), call \(call): \(lacks)")
        }
      }
      if calls.count == changes.count { return calls }
    }
    return calls
  }

  /// Every call of these changes in turn meets a reaction of a scripted server's, once.
  /// - Parameters:
  ///   - isMeant: Which calls are counted, and meet it.
  ///   - least: How many of them each change has at least.
  ///   - wrap: Changes how the worker sends its calls.
  ///   - react: What happens to the call of this number.
  ///   - seen: Told of every request that comes in.
  ///   - check: Looks at what has come of the first attempt, which began after a time of the database's.
  func eachCall(
    of changes: [Change],
    where isMeant: @escaping @Sendable (ScriptedAPIServer.Request) -> Bool = { _ in true },
    least: Int = 4, wrap: (any Caller) -> any Caller = { $0 },
    _ react:
      @escaping @Sendable (ScriptedAPIServer.Request, Int) async throws ->
      ScriptedAPIServer.Reaction,
    seen: @escaping @Sendable (ScriptedAPIServer.Request) -> Void = { _ in },
    check: (_ id: Int64, _ call: Int, _ since: String, Worker) async throws -> Void = {
      _, _, _, _ in
    }
  ) async throws {
    let count = Mutex<(meant: Int, now: Int)>((0, 0))
    let server = try await ScriptedAPIServer.start { request in
      seen(request)
      guard isMeant(request) else { return .forward }
      let (meant, now) = count.withLock { count in
        count.now += 1
        return count
      }
      return meant == now ? try await react(request, now) : .forward
    }
    defer { server.stop() }
    let worker = try scene.worker("one", kubeconfig: try server.kubeconfig(), wrap: wrap)
    let calls = try await eachCall(of: changes, by: worker) { _, id, call in
      count.withLock { $0 = (call, 0) }
      let since = try await scene.owner.value("SELECT clock_timestamp()::text") ?? ""
      let hadWork = try await worker.workOnce()
      #expect(hadWork)
      let isMet = count.withLock { count in
        defer { count.meant = 0 }
        return count.now >= call
      }
      if isMet { try await check(id, call, since, worker) }
      return isMet
    }
    for change in changes { #expect(calls[change] ?? 0 >= least, "\(calls)") }
  }
}
