internal import Kubernetes

extension Job {
  /// Whether the namespace is to be gone in the end.
  private var isDeletion: Bool { steps.contains { $0.verb == .delete } }

  /// What carries out a step of this job.
  /// - Parameters:
  ///   - desired: The step's body, with the fields of earlier answers filled in.
  ///   - uid: That of the namespace, as far as it is known by now.
  func machine(for step: Step, desired: JSONValue, namespaceUID uid: String?) -> any Machine {
    let home = Home(path: "/api/v1/namespaces/\(namespace)", uid: uid ?? namespaceUID ?? "")
    return switch step.verb {
    case .hold:
      HoldMachine(
        path: step.path, operationID: operationID, uid: namespaceUID, fence: claim.fence,
        isDeletion: isDeletion)
    case .delete:
      DeleteMachine(
        namespace: namespace, operationID: operationID, uid: namespaceUID, fence: claim.fence)
    case .compare:
      CompareMachine(path: step.path, desired: desired)
    case .vacant:
      VacancyMachine(path: step.path)
    case .apply:
      ApplyMachine(path: step.path, desired: desired, home: home)
    case .clear:
      ClearMachine(path: step.path, home: home, isDeletion: isDeletion)
    case .create, .replace, .merge, .patch:
      StepMachine(
        step: step, desired: desired, operationID: operationID, fence: claim.fence, home: home)
    }
  }
}
