/// What the provisioner cannot go on with.
enum ProvisionerError: Error, CustomStringConvertible {
  /// The blueprint holds something that is no step.
  case malformedStep(String)
  /// A step names a field of an answer that is not there.
  case missingField(step: String, reference: String)

  var description: String {
    switch self {
    case .malformedStep(let step): "the blueprint's step \(step) is malformed"
    case .missingField(let step, let reference):
      "step \(step) needs ${\(reference)}, which no earlier answer has"
    }
  }
}
