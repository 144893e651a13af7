internal import Kubernetes

extension Job {
  /// What carries out a step of this job.
  /// - Parameter desired: The step's body, with the fields of earlier answers filled in.
  func machine(for step: Step, desired: JSONValue) -> any Machine {
    switch step.verb {
    case .hold:
      HoldMachine(
        path: step.path, operationID: operationID, uid: namespaceUID, fence: claim.fence,
        isDeletion: kind == "delete")
    case .delete:
      UndoMachine(
        namespace: namespace, operationID: operationID, uid: namespaceUID, fence: claim.fence)
    case .compare:
      CompareMachine(path: step.path, desired: desired)
    case .create, .replace, .apply, .merge, .patch, .clear:
      StepMachine(step: step, desired: desired, operationID: operationID, fence: claim.fence)
    }
  }
}
