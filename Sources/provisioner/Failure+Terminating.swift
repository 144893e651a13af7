internal import Kubernetes

extension Failure {
  /// That a namespace is still being deleted, and what holds it, in the API server's words; `nil` if it
  /// is not being deleted. Finalizers are somebody's promise to clean up: none is ever taken away.
  init?(terminating namespace: JSONValue) {
    guard let since = namespace["metadata"]?["deletionTimestamp"]?.string else { return nil }
    let conditions = (namespace["status"]?["conditions"]?.array ?? []).filter {
      $0["status"]?.string == "True"
    }
    let words = conditions.compactMap { condition in
      condition["message"]?.string.map { "\(condition["type"]?.string ?? "?"): \($0)" }
    }
    self.init(
      code: .terminating,
      message: (["the namespace is being deleted since \(since)"] + words).joined(separator: "; "))
  }
}
