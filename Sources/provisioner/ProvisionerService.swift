internal import AsyncIO
internal import Postgres
internal import ServiceLifecycle

/// A few workers, a listener that wakes them, and the timed work.
struct ProvisionerService: Service {
  let worker: Worker
  let workers: Int
  let postgres: PostgresConfiguration
  let poll: Duration
  let survey: Survey
  let ingest: UsageIngest
  let observe: @Sendable (ProvisionerObservation) -> Void

  /// A timed task for which SQL only asks: what it takes, Kubernetes or Prometheus has.
  private struct Errand: Sendable {
    let task: String
    let isWanted = AsyncSignal()
    let work: @Sendable () async throws -> Void
  }

  /// On the thread that waits for the sockets: the work is nearly all waiting, so that answers of the
  /// database need no change of thread.
  func run() async throws { await IOThread.run { await work() } }

  private func work() async {
    let wakeUps = WakeUps()
    let errands = [
      Errand(task: Survey.task) { try await self.lookForStrays() },
      Errand(task: UsageIngest.task) {
        if let report = try await self.ingest.run() { self.observe(.ingested(report)) }
      },
    ]
    var worker = worker
    worker.slots = AsyncSemaphore(permits: workers)
    await withTaskGroup { [worker] group in
      group.addTask { await self.listen(wakeUps) }
      // For each that is in flight another that reports.
      for _ in 0..<workers * 2 {
        group.addTask { await self.work(worker, wakeUps) }
      }
      group.addTask {
        await self.maintain { task in errands.first { $0.task == task }?.isWanted.raise() }
      }
      for errand in errands { group.addTask { await self.run(errand) } }
    }
    await worker.queue.pool.close()
  }

  /// Takes job after job; sleeps while there is none.
  private func work(_ worker: Worker, _ wakeUps: WakeUps) async {
    var backoff = Backoff()
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      do {
        if try await worker.workOnce(onClaim: { wakeUps.wakeOne() }) {
          backoff.reset()
          continue
        }
        let due = try await worker.queue.nextDue() ?? poll
        backoff.reset()
        observe(.idle)
        // Not at once, even if something is due: it may be in another worker's hands.
        await wakeUps.sleep(for: min(max(due, .milliseconds(10)), poll))
      } catch is CancellationError {
        return
      } catch {
        let pause = backoff.next()
        observe(.interrupted(error: error, retryAfter: pause))
        await wakeUps.sleep(for: pause)
      }
    }
  }

  /// Runs an errand whenever that is wanted: beside the other timed work, which does not wait for it.
  private func run(_ errand: Errand) async {
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      await cancelWhenGracefulShutdown { await errand.isWanted.wait() }
      if Task.isCancelled || Task.isShuttingDownGracefully { return }
      do {
        try await cancelWhenGracefulShutdown { try await errand.work() }
      } catch is CancellationError {
        return
      } catch {
        // It is wanted again within a minute, until it is reported.
        observe(.interrupted(error: error, retryAfter: poll))
      }
    }
  }

  /// Has the timed work done. What is due, and what is to be done, SQL decides.
  /// - Parameter onDone: Is told of each task, those of others included.
  private func maintain(onDone: (String) -> Void) async {
    var backoff = Backoff()
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      var pause = poll
      do {
        if let done = try await worker.queue.maintain() {
          observe(.maintained(done))
          onDone(done.task)
          pause = .zero
        }
        backoff.reset()
      } catch is CancellationError {
        return
      } catch {
        pause = backoff.next()
        observe(.interrupted(error: error, retryAfter: pause))
      }
      let rest = pause
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: rest) }
    }
  }

  /// What keeps the survey from being made stands where people look for it.
  private func lookForStrays() async throws {
    do {
      observe(.surveyed(stray: try await survey.run()))
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      try await worker.queue.report(task: Survey.task, result: nil, error: "\(error)")
      throw error
    }
  }

  /// Wakes a worker at every NOTIFY. While the connection is lost they poll.
  private func listen(_ wakeUps: WakeUps) async {
    var backoff = Backoff()
    while !Task.isCancelled, !Task.isShuttingDownGracefully {
      do {
        let connection = try await PostgresConnection.connect(postgres)
        do {
          try await connection.query("LISTEN \(Queue.channel)")
          wakeUps.wakeAll()
          while !Task.isShuttingDownGracefully {
            let notification = try await cancelWhenGracefulShutdown {
              try await connection.nextNotification(timeout: .seconds(30))
            }
            if notification != nil {
              wakeUps.wakeOne()
            } else {
              // A dead connection does not tell: ask.
              try await connection.query("SELECT 1", timeout: .seconds(5))
            }
            // Not before: to be cut off at every LISTEN must not mean to come back at once.
            backoff.reset()
          }
        } catch {
          await connection.close()
          throw error
        }
        await connection.close()
      } catch is CancellationError {
        return
      } catch {
        let pause = backoff.next()
        observe(.interrupted(error: error, retryAfter: pause))
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
      }
    }
  }
}
