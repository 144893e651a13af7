internal import Daemon
internal import Logging

/// Every event of the provisioner that matters.
enum ProvisionerObservation: Sendable {
  case claimed(Job)
  case completed(Job, status: String, reports: [StepReport], took: Duration)
  case failed(Job, Failure, next: Queue.Next)
  /// Another worker has the job.
  case lost(Job, message: String)
  /// A timed task was done, well or not.
  case maintained(Queue.Maintenance)
  /// The cluster's namespaces were listed.
  case surveyed(stray: [Stray])
  /// Prometheus was asked what tenants use.
  case ingested(UsageIngest.Report)
  case idle
  case interrupted(error: any Error, retryAfter: Duration)
}

/// Turns events into log lines, metrics and readiness.
struct ProvisionerObserver: Sendable {
  let logger: Logger
  let metrics: Metrics
  let readiness: ReadinessState

  init(logger: Logger, metrics: Metrics, readiness: ReadinessState) {
    self.logger = logger
    self.metrics = metrics
    self.readiness = readiness
    metrics.declare(
      .counter, "provisioner_jobs_total", help: "Attempts, by how they ended.", labelled: true)
    metrics.declare(
      .counter, "provisioner_maintenance_total", help: "Timed tasks, by how they ended.",
      labelled: true)
    metrics.declare(
      .histogram, "provisioner_job_seconds", help: "From claim to commit, of jobs that were done.")
    metrics.declare(
      .histogram, "provisioner_step_seconds", help: "From request to answer, by step.",
      labelled: true)
    metrics.declare(
      .counter, "provisioner_drift_total",
      help: "Objects that were not as the blueprint says when they were looked at.", labelled: true)
    metrics.declare(
      .gauge, "provisioner_stray_namespaces",
      help: "Namespaces with our prefix that no organisation owns.")
    metrics.declare(
      .counter, "provisioner_usage_samples_total",
      help: "Usage samples from Prometheus, by what became of them.", labelled: true)
    metrics.declare(
      .counter, "provisioner_usage_failures_total",
      help: "Questions that Prometheus did not answer, or not fully.")
    metrics.declare(
      .counter, "provisioner_interruptions_total", help: "Lost or refused database connections.")
  }

  func observe(_ event: ProvisionerObservation) {
    switch event {
    case .claimed(let job):
      logger.debug("claimed", metadata: Self.metadata(job))
      readiness.report("queue", nil)
    case .completed(let job, let status, let reports, let took):
      logger.info(
        "done",
        metadata: Self.metadata(job).merging(["status": "\(status)", "took": "\(took)"]) { $1 })
      metrics.add("provisioner_jobs_total", 1, ["outcome": status.lowercased()])
      metrics.observe("provisioner_job_seconds", took)
      for report in reports {
        metrics.observe("provisioner_step_seconds", report.took, ["step": report.step])
        observe(drift: report, of: job)
      }
      readiness.report("kubernetes", nil)
    case .failed(let job, let failure, let next):
      logger.warning(
        "failed",
        metadata: Self.metadata(job).merging([
          "code": "\(failure.code.rawValue)", "error": "\(failure.message)",
          "next": "\(next.what)", "at": "\(next.runAt ?? "never")",
        ]) { $1 })
      metrics.add("provisioner_jobs_total", 1, ["outcome": failure.code.rawValue])
      readiness.report("kubernetes", failure.code == .unavailable ? failure.message : nil)
    case .lost(let job, let message):
      logger.warning(
        "lost the job", metadata: Self.metadata(job).merging(["error": "\(message)"]) { $1 })
      metrics.add("provisioner_jobs_total", 1, ["outcome": "stale"])
    case .maintained(let done):
      let level: Logger.Level = done.error == nil ? .debug : .warning
      logger.log(
        level: level, "maintenance",
        metadata: ["task": "\(done.task)", "result": "\(done.error ?? done.result ?? "")"])
      metrics.add(
        "provisioner_maintenance_total", 1,
        ["task": done.task, "outcome": done.error == nil ? "done" : "failed"])
    case .surveyed(let stray):
      metrics.set("provisioner_stray_namespaces", Double(stray.count))
      for namespace in stray {
        logger.warning(
          "no organisation owns this namespace",
          metadata: ["namespace": "\(namespace.name)", "uid": "\(namespace.uid)"])
      }
    case .ingested(let report):
      observe(report)
    case .idle:
      readiness.report("queue", nil)
    case .interrupted(let error, let pause):
      logger.warning("interrupted", metadata: ["error": "\(error)", "retry_after": "\(pause)"])
      metrics.add("provisioner_interruptions_total")
      readiness.report("queue", "\(error)")
    }
  }

  private func observe(_ report: UsageIngest.Report) {
    if let result = report.result {
      logger.info("took usage in", metadata: ["result": "\(result)"])
    }
    for error in report.errors {
      logger.warning("Prometheus did not answer, or not fully", metadata: ["error": "\(error)"])
    }
    metrics.add("provisioner_usage_failures_total", Double(report.errors.count))
    for (what, count) in [("written", report.counts.written), ("unknown", report.counts.unknown)] {
      metrics.add("provisioner_usage_samples_total", Double(count), ["outcome": what])
    }
  }

  private func observe(drift report: StepReport, of job: Job) {
    switch report.outcome {
    case .differs, .missing:
      logger.warning(
        "not as the blueprint says",
        metadata: Self.metadata(job).merging([
          "step": "\(report.step)", "what": "\(report.outcome.name)",
          "detail": "\(report.outcome.detail ?? "")",
        ]) { $1 })
      metrics.add("provisioner_drift_total", 1, ["step": report.step])
    default: break
    }
  }

  private static func metadata(_ job: Job) -> Logger.Metadata {
    [
      "namespace": "\(job.namespace)", "job": "\(job.claim.jobID)", "kind": "\(job.kind)",
      "fence": "\(job.claim.fence)", "undo": "\(job.isUndo)",
    ]
  }
}
