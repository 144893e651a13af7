internal import Kubernetes
internal import Postgres
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// What the API server may answer, or not: every call of a job in turn meets the fault, once, with the write
/// carried out or not. The server before the real one is scripted.
@Suite(.timeLimit(.minutes(4))) struct AnswerTests {
  enum Fault: String, Sendable, CaseIterable, CustomStringConvertible {
    case error500, error502, error503, error504, reset, cutInBody, closed

    var description: String { rawValue }

    /// - Parameter answer: What it would have been.
    func reaction(_ answer: ScriptedAPIServer.Answer) -> ScriptedAPIServer.Reaction {
      switch self {
      case .error500: .answer(.refusal(500, reason: "InternalError"))
      case .error502: .answer(.refusal(502, reason: "BadGateway"))
      case .error503: .answer(.refusal(503, reason: "ServiceUnavailable"))
      case .error504: .answer(.refusal(504, reason: "Timeout"))
      case .reset: .reset(.internalError)
      case .cutInBody: .cut(answer, afterBytes: answer.body.count / 2)
      case .closed: .close
      }
    }
  }

  @Test(
    arguments: Fault.allCases.map { ([Change.create], [$0]) }
      + Change.groups.filter { $0 != [.create] }.map { ($0, Fault.allCases) }, [false, true])
  func anyCallMayFail(_ row: ([Change], [Fault]), isDone: Bool) async throws {
    let (changes, faults) = row
    try await Trial.play { trial in
      try await trial.eachCall(of: changes) { request, call in
        // What is cut is an answer, done or not.
        let fault = faults[call % faults.count]
        let answer =
          isDone ? try await request.forward() : ScriptedAPIServer.Answer(200, #"{"kind":"Any"}"#)
        return fault.reaction(answer)
      }
    }
  }

  /// Whatever kind of write it was, the look that follows at once finds that it was done: no attempt fails.
  @Test(
    arguments: Change.groups.map { $0.filter { $0 != .compare } },
    [[.error500, .error502, .error503, .error504, .reset], [.cutInBody], [.closed]] as [[Fault]])
  func aWriteThatWasDoneIsFoundAtOnce(_ changes: [Change], _ faults: [Fault]) async throws {
    try await Trial.play { trial in
      let writes = Mutex<[(write: ScriptedAPIServer.Request, next: [ScriptedAPIServer.Request])]>([]
      )
      // One call after the other, else reads of others' end with the connection, too.
      try await trial.eachCall(
        of: changes, where: { $0.method != "GET" }, least: 3, wrap: OrderlyCaller.init
      ) { request, call in
        let reaction = faults[call % faults.count].reaction(try await request.forward())
        writes.withLock { $0.append((request, [])) }
        return reaction
      } seen: { request in
        // What the same step of the same attempt sends then.
        writes.withLock { writes in
          for index in writes.indices
          where writes[index].write.header("audit-id") == request.header("audit-id")
            && writes[index].write.number < request.number
          {
            writes[index].next.append(request)
          }
        }
      }
      let met = writes.withLock { $0 }
      #expect(!met.isEmpty)
      for (write, next) in met {
        // Where no byte of an answer has come, libcurl may have sent it once more by itself; it is refused then.
        let isReplay = { (request: ScriptedAPIServer.Request) in
          faults == [.closed] && request.method == write.method && request.path == write.path
        }
        let look = next.first { !isReplay($0) }
        let replayed = next.first.map(isReplay) == true
        let what = "\(write.method) \(write.path): \(next.map { "\($0.method) \($0.path)" })"
        if !replayed || look != nil {
          #expect(look?.method == "GET" && look.map { write.isReadBy($0) } == true, "\(what)")
        }
      }
      // A namespace, or a pod, that takes its time is waited for.
      let failed = try await trial.scene.owner.query(
        """
        SELECT concat_ws(' ', kind, step, s.detail) AS step FROM provisioning.steps AS s JOIN provisioning.jobs USING (job_id)
        WHERE s.outcome = 'failed' AND s.detail NOT LIKE '%is being deleted%' AND s.detail NOT LIKE '%have not ended yet%'
        """)
      #expect(failed.isEmpty, "\(failed.compactMap { $0["step"] })")
    }
  }

  /// Replayed by the client, or answered all the same: no attempt fails.
  @Test(arguments: [Change.create, .delete], [false, true])
  func goAwayAtAnyCall(_ change: Change, isCounted: Bool) async throws {
    try await Trial.play { trial in
      try await trial.eachCall(of: [change]) { _, _ in isCounted ? .goAwayAfter(.forward) : .goAway
      }
      let attempts = try await trial.scene.owner.value(
        "SELECT max(attempts) FROM provisioning.jobs WHERE error_code <> 'terminating'")
      #expect(attempts == nil || attempts == "1")
    }
  }
}

extension ScriptedAPIServer.Request {
  /// Whether a GET reads what this write has written, or the collection that it lies in.
  fileprivate func isReadBy(_ look: ScriptedAPIServer.Request) -> Bool {
    func plain(_ path: String) -> String {
      let bare = String(path.prefix { $0 != "?" })
      return bare.hasSuffix("/status") ? String(bare.dropLast("/status".count)) : bare
    }
    let (written, read) = (plain(path), plain(look.path))
    return read == written || method == "POST" && read.hasPrefix(written + "/")
      || method == "DELETE" && written.hasPrefix(read + "/")
  }
}
