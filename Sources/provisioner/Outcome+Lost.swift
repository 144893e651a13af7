internal import Kubernetes

extension Outcome {
  /// The failure of a write whose answer does not say what was sent; `nil` if it does.
  ///
  /// A server from 1.25 on refuses a field that it does not know (`fieldValidation=Strict`). An older one drops it
  /// without a word, and a network policy with `egres` would isolate nobody.
  static func lost(of desired: JSONValue, in answer: JSONValue) -> Outcome? {
    let lost = answer.differences(from: desired)
    guard !lost.isEmpty else { return nil }
    let fields = lost.map(\.description).joined(separator: "; ")
    return .failed(
      Failure(
        code: .invalid,
        message:
          "the API server has not taken what it was sent (a field it does not know?): \(fields)"))
  }
}
