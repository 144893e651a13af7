internal import Kubernetes

/// Deletes everything in a collection, one by one: a DELETE of the collection names the namespace by its
/// name only, and would empty another one that has taken its place.
struct ClearMachine: Machine {
  private struct Item: Sendable {
    var name: String
    var uid: String
  }

  private enum Phase: Sendable {
    case listing
    /// Whether what was listed lies in our namespace.
    case asking([Item], next: String?)
    case deleting([Item], next: String?)
  }

  private let path: String
  private let home: Home
  private var phase = Phase.listing

  init(path: String, home: Home) {
    self.path = path
    self.home = home
  }

  mutating func start() -> Action { list(from: nil) }

  mutating func handle(_ reply: Reply) -> Action {
    switch (phase, reply) {
    case (.listing, .object(let list, _)):
      let items = (list["items"]?.array ?? []).compactMap { item -> Item? in
        let metadata = item["metadata"]
        // What is on its way already has been told.
        guard metadata?["deletionTimestamp"] == nil, let name = metadata?["name"]?.string,
          let uid = metadata?["uid"]?.string
        else { return nil }
        return Item(name: name, uid: uid)
      }
      let next = list["metadata"]?["continue"]?.string
      guard !items.isEmpty else { return go(on: next) }
      phase = .asking(items, next: next)
      return .send(.get(path: home.path))
    // The snapshot of the pages is too old.
    case (.listing, .refused(410, _, _, _)): return list(from: nil)
    case (.asking(let items, let next), _):
      guard home.isIn(reply) else { return .done(.failed(Home.failure(reply))) }
      return delete(items[...], next: next)
    case (.deleting(let items, let next), .object),
      // Gone, or another one of its name.
      (.deleting(let items, let next), .refused(404, _, _, _)),
      (.deleting(let items, let next), .refused(409, _, _, _)):
      return delete(items.dropFirst(), next: next)
    case (.listing, .refused), (.listing, .unknown), (.deleting, .refused), (.deleting, .unknown):
      return .done(.failed(StepMachine.failure(reply)))
    }
  }

  private mutating func list(from next: String?) -> Action {
    phase = .listing
    return .send(.get(path: "\(path)?limit=500" + (next.map { "&continue=\($0)" } ?? "")))
  }

  private mutating func delete(_ items: ArraySlice<Item>, next: String?) -> Action {
    guard let item = items.first else { return go(on: next) }
    phase = .deleting(Array(items), next: next)
    return .send(.delete(path: "\(path)/\(item.name)", uid: item.uid, resourceVersion: nil))
  }

  private mutating func go(on next: String?) -> Action {
    guard let next, !next.isEmpty else { return .done(.deleted) }
    return list(from: next)
  }
}
