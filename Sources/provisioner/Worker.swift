internal import AsyncIO
internal import Kubernetes
internal import Postgres
internal import ServiceLifecycle

/// Carries out one job after another.
struct Worker: Sendable {
  let queue: Queue
  let caller: any Caller
  let observe: @Sendable (ProvisionerObservation) -> Void
  /// How many jobs are in flight, from the claim until Kubernetes has answered. The report that follows is
  /// not counted: while PostgreSQL writes it to the disk, the API server has the next job.
  var slots = AsyncSemaphore(permits: .max)

  /// What a job came to, before PostgreSQL knows of it.
  private struct Result: Sendable {
    var job: Job
    var since: ContinuousClock.Instant
    var reports: [StepReport]
    var failure: Failure?
    var namespaceUID: String?
  }

  /// Claims a job and carries it out. False if there was nothing to do.
  /// - Parameter onClaim: Called when there was.
  func workOnce(onClaim: () -> Void = {}) async throws -> Bool {
    // From the claim until the job is reported.
    var heartbeat: Task<Void, Never>?
    defer { heartbeat?.cancel() }
    let result = try await slots.withPermit { () async throws -> Result? in
      if Task.isShuttingDownGracefully { return nil }
      let asked = ContinuousClock.now
      guard let job = try await queue.claim() else { return nil }
      let lease = Lease(until: asked + queue.lease)
      if Task.isShuttingDownGracefully || Task.isCancelled {
        try await queue.release(job.claim)
        return nil
      }
      observe(.claimed(job))
      onClaim()
      heartbeat = IOThread.start { await self.keep(lease, of: job) }
      let (reports, failure, uid) = await carryOut(job, lease: lease)
      return Result(
        job: job, since: asked, reports: reports, failure: failure, namespaceUID: uid)
    }
    guard let result else { return false }
    try await report(result)
    return true
  }

  private func report(_ result: Result) async throws {
    let job = result.job
    do {
      if let failure = result.failure {
        guard failure.code != .stale else {
          observe(.lost(job, message: failure.message))
          return
        }
        if let later = failure.laterFence { try await queue.jumpFence(job.claim, over: later) }
        let next = try await queue.fail(job.claim, failure, steps: result.reports)
        observe(.failed(job, failure, next: next))
      } else {
        let status = try await queue.complete(
          job.claim, namespaceUID: result.namespaceUID, steps: result.reports)
        observe(
          .completed(
            job, status: status, reports: result.reports, took: result.since.duration(to: .now)))
      }
    } catch let error as PostgresError where error.sqlState == "AR410" {
      observe(.lost(job, message: error.description))
    }
  }

  /// Carries out a job's steps, wave by wave.
  private func carryOut(_ job: Job, lease: Lease) async -> ([StepReport], Failure?, uid: String?) {
    var saga = Saga(steps: job.steps)
    var reports: [StepReport] = []
    await withTaskGroup(of: StepReport.self) { group in
      var finished: [StepReport] = []
      repeat {
        for report in finished {
          saga.finish(report.step, report.outcome)
          reports.append(report)
        }
        finished = []
        // What is under way is awaited.
        for step in lease.isCancelled ? [] : saga.begin() {
          if saga.isNeedless(step) {
            finished.append(StepReport(step: step.name, outcome: .skipped, took: .zero))
            continue
          }
          do {
            let machine = job.machine(
              for: step, desired: try saga.answers.fill(step.body, for: step.name),
              namespaceUID: saga.answers.field("namespace.metadata.uid")?.string)
            group.addTask { await self.drive(machine, job: job, step: step.name, lease: lease) }
          } catch {
            let failure = Failure(code: .internal, message: "\(error)")
            finished.append(
              StepReport(step: step.name, outcome: .failed(failure), took: .zero))
          }
        }
        if finished.isEmpty, let report = await group.next() { finished = [report] }
      } while !finished.isEmpty
    }
    let uid = saga.answers.field("namespace.metadata.uid")?.string
    let cancelled =
      saga.isDone ? nil : Failure(code: .cancelled, message: "cancelled between two steps")
    return (reports, saga.failure ?? cancelled, uid)
  }

  private func drive(
    _ machine: any Machine, job: Job, step: String, lease: Lease
  ) async -> StepReport {
    var machine = machine
    let start = ContinuousClock.now
    var action = machine.start()
    while true {
      switch action {
      case .done(let outcome):
        return StepReport(step: step, outcome: outcome, took: start.duration(to: .now))
      case .send(let request):
        guard let reply = await send(request, job: job, step: step, lease: lease) else {
          return StepReport(step: step, outcome: .failed(Self.stale), took: .zero)
        }
        action = machine.handle(reply)
      }
    }
  }

  private static let stale = Failure(code: .stale, message: "the lease ran out")

  /// `nil` if the lease has run out: nothing may be sent any more.
  private func send(_ request: Request, job: Job, step: String, lease: Lease) async -> Reply? {
    guard lease.isHeld else { return nil }
    return await caller.send(
      request, auditID: "\(job.operationID)/\(step)/\(job.claim.fence)")
  }

  /// Extends the lease while the job runs.
  private func keep(_ lease: Lease, of job: Job) async {
    while !Task.isCancelled {
      do {
        try await Deadline.after(queue.lease / 3).sleep()
        let asked = ContinuousClock.now
        let goesOn = try await queue.heartbeat(job.claim)
        if !goesOn { lease.cancel() }
        lease.extend(until: asked + queue.lease)
      } catch let error as PostgresError where error.sqlState == "AR410" {
        lease.lose()
        return
      } catch is CancellationError {
        return
      } catch {
        // The next beat tries again; the lease runs out if none comes through.
        continue
      }
    }
  }
}
