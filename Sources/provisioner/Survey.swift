internal import Kubernetes

/// Looks for namespaces with our prefix that no organisation owns. They are reported; what becomes of one
/// that bears our marks SQL decides.
struct Survey: Sendable {
  let queue: Queue
  let kubernetes: KubernetesClient

  /// Lists the cluster's namespaces and returns those that are stray, as SQL decides.
  func run() async throws -> [Stray] {
    var names: [JSONValue] = []
    var rest: String? = ""
    while let page = rest {
      let list = try await kubernetes.get(
        "/api/v1/namespaces?limit=500" + (page.isEmpty ? "" : "&continue=\(page)"))
      names += (list["items"]?.array ?? []).compactMap { namespace in
        guard let name = namespace["metadata"]?["name"], let uid = namespace["metadata"]?["uid"]
        else { return nil }
        let operation = Fence(namespace).map { JSONValue.string($0.operationID) }
        return ["name": name, "uid": uid, "operation_id": operation ?? .null]
      }
      rest = list["metadata"]?["continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }
    return try await queue.report(namespaces: .array(names))
  }
}

/// A namespace that no organisation owns.
struct Stray: Sendable, Equatable {
  var name: String
  var uid: String
}
