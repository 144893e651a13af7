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
    case asking([Item])
    case deleting(ArraySlice<Item>)
  }

  private let path: String
  private let home: Home
  private var phase = Phase.listing

  init(path: String, home: Home) {
    self.path = path
    self.home = home
  }

  mutating func start() -> Action { .send(.list(path: path)) }

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
      guard !items.isEmpty else { return .done(.deleted) }
      phase = .asking(items)
      return .send(.get(path: home.path))
    case (.asking(let items), _):
      guard home.isIn(reply) else { return .done(.failed(Home.failure(reply))) }
      return delete(items[...])
    case (.deleting(let items), .object),
      // Gone, or another one of its name.
      (.deleting(let items), .refused(404, _, _, _)),
      (.deleting(let items), .refused(409, _, _, _)):
      return delete(items.dropFirst())
    case (.listing, .refused), (.listing, .unknown), (.deleting, .refused), (.deleting, .unknown):
      return .done(.failed(StepMachine.failure(reply)))
    }
  }

  private mutating func delete(_ items: ArraySlice<Item>) -> Action {
    guard let item = items.first else { return .done(.deleted) }
    phase = .deleting(items)
    return .send(.delete(path: "\(path)/\(item.name)", uid: item.uid, resourceVersion: nil))
  }
}
