internal import Kubernetes

/// Deletes everything in a collection, one by one: a DELETE of the collection names the namespace by its
/// name only, and would empty another one that has taken its place.
///
/// What it has emptied it lists again: for some milliseconds the API server's cache lets pods in after the gate
/// was closed. What arrives later still, the next comparison finds (`VacancyMachine`).
///
/// What was told to end runs on for its grace period. Where the namespace is to be deleted next, and its network
/// policies with it, that is waited for.
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
    /// Listing again, whether the one of this uid was told to end, whose deletion ended so.
    case looking(uid: String, Failure)
  }

  /// Where pods keep coming, nothing refuses them.
  private static let rounds = 10

  private let path: String
  private let home: Home
  private let isDeletion: Bool
  private var phase = Phase.listing
  private var round = 0

  /// - Parameter isDeletion: Whether the namespace goes next.
  init(path: String, home: Home, isDeletion: Bool) {
    self.path = path
    self.home = home
    self.isDeletion = isDeletion
  }

  mutating func start() -> Action { .send(.list(path: path)) }

  mutating func handle(_ reply: Reply) -> Action {
    switch (phase, reply) {
    case (.listing, .object(let list, _)):
      return listed(list)
    case (.looking(let uid, _), .object(let list, _))
    where !list.livingItems.contains { $0["metadata"]?["uid"]?.string == uid }:
      // It goes on with the same ones, which no answer to a deletion has interrupted.
      round -= 1
      return listed(list)
    case (.looking(_, let failure), _):
      return .done(.failed(failure.waiting(asToldBy: reply)))
    case (.asking(let items), _):
      guard home.isIn(reply) else { return .done(.failed(Home.failure(reply))) }
      return delete(items[...])
    case (.deleting(let items), .object),
      // Gone, or another one of its name.
      (.deleting(let items), .refused(404, _, _, _)),
      (.deleting(let items), .refused(409, _, _, _)):
      return delete(items.dropFirst())
    case (.deleting(let items), .unknown):
      phase = .looking(uid: items.first?.uid ?? "", StepMachine.failure(reply))
      return start()
    case (.listing, .refused), (.listing, .unknown), (.deleting, .refused):
      return .done(.failed(StepMachine.failure(reply)))
    }
  }

  private mutating func listed(_ list: JSONValue) -> Action {
    let items = list.livingItems.compactMap { item -> Item? in
      guard let name = item["metadata"]?["name"]?.string,
        let uid = item["metadata"]?["uid"]?.string
      else { return nil }
      return Item(name: name, uid: uid)
    }
    guard !items.isEmpty else { return .done(told(list)) }
    round += 1
    guard round <= Self.rounds else {
      return .done(
        .failed(
          Failure(
            code: .conflict,
            message: "new ones keep coming, such as \(items[0].name), though the gate is closed: "
              + "is its policy in force? provisioner check tells")))
    }
    phase = .asking(items)
    return .send(.get(path: home.path))
  }

  /// What came of it, when all that is left was told to end.
  private func told(_ list: JSONValue) -> Outcome {
    let names = (list["items"]?.array ?? []).compactMap { $0["metadata"]?["name"]?.string }
    guard isDeletion, let first = names.min() else { return .deleted }
    let collection = path.split(separator: "/").last ?? ""
    return .failed(
      Failure(
        code: .terminating,
        message: "\(collection) that have not ended yet: \(names.count), such as \(first)"))
  }

  private mutating func delete(_ items: ArraySlice<Item>) -> Action {
    guard let item = items.first else {
      phase = .listing
      return start()
    }
    phase = .deleting(items)
    return .send(.delete(path: "\(path)/\(item.name)", uid: item.uid, resourceVersion: nil))
  }
}
