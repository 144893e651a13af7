internal import Kubernetes

/// One organisation's objects, looked at and compared with the blueprint. Nothing is changed.
struct Comparison: Sendable {
  let slug: String
  let namespace: String
  let steps: [Step]

  /// What came of it.
  struct Result: Sendable {
    var findings: [DriftReport.Finding] = []
    var unseen: [DriftReport.Unseen] = []
  }

  /// Looks at all objects, side by side; in the blueprint's order.
  func run(_ caller: any Caller) async -> Result {
    await withTaskGroup(of: (Int, Result).self) { group in
      for (number, step) in steps.enumerated() {
        group.addTask { (number, await self.look(at: step, caller)) }
      }
      return await group.reduce(into: []) { $0.append($1) }
        .sorted { $0.0 < $1.0 }
        .reduce(into: Result()) { all, part in
          all.findings += part.1.findings
          all.unseen += part.1.unseen
        }
    }
  }

  private func look(at step: Step, _ caller: any Caller) async -> Result {
    // As kubectl takes it: resourcequotas/tenant.
    let object = step.path.split(separator: "/").suffix(2).joined(separator: "/")
    func unseen(_ why: String) -> Result {
      Result(unseen: [DriftReport.Unseen(slug: slug, object: object, why: why)])
    }
    func finding(
      _ what: DriftReport.What, _ difference: Difference? = nil, of other: String? = nil
    ) -> DriftReport.Finding {
      DriftReport.Finding(
        slug: slug, namespace: namespace, object: other ?? object, what: what,
        difference: difference)
    }
    do {
      let desired = try Answers().fill(step.body, for: step.name)
      var machine: any Machine =
        step.verb == .vacant
        ? VacancyMachine(path: step.path) : CompareMachine(path: step.path, desired: desired)
      var action = machine.start()
      while case .send(let request) = action {
        guard let reply = await caller.send(request, auditID: "drift/\(slug)/\(step.name)") else {
          return unseen("not looked at")
        }
        action = machine.handle(reply)
      }
      guard case .done(let outcome) = action else { return Result() }
      switch outcome {
      case .differs(let list, _) where step.verb == .vacant:
        let collection = step.path.split(separator: "/").last.map(String.init) ?? step.path
        return Result(
          findings: list.livingItems.compactMap { $0["metadata"]?["name"]?.string }.sorted()
            .map { finding(.unwanted, of: "\(collection)/\($0)") })
      case .differs(let actual, _):
        return Result(
          findings: actual.differences(from: desired).map { finding(.differs, $0) })
      case .missing: return Result(findings: [finding(.missing)])
      case .failed(let failure): return unseen(failure.message)
      default: return Result()
      }
    } catch {
      return unseen("\(error)")
    }
  }
}
