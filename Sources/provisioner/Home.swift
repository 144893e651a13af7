internal import Kubernetes

/// The namespace that a step's object lies in. A path names it only by its name, which another one may
/// bear by now: what is there is changed only if it is known to lie in this one.
struct Home: Sendable, Equatable {
  var path: String
  var uid: String

  /// Whether an object says itself that it goes with this namespace: no other one's does.
  func owns(_ object: JSONValue) -> Bool {
    object["metadata"]?["ownerReferences"]?.array?.contains { $0["uid"]?.string == uid } == true
  }

  /// Whether this is the namespace. An object that was read before it was read in it: uids do not come
  /// back.
  func isIn(_ reply: Reply) -> Bool {
    guard case .object(let namespace, _) = reply else { return false }
    return namespace["metadata"]?["uid"]?.string == uid
  }

  /// Why nothing is written, given what the look at the namespace came to.
  static func failure(_ reply: Reply) -> Failure {
    switch reply {
    case .object, .refused(404, _, _, _):
      Failure(code: .conflict, message: "the namespace is another one by now, or gone")
    case .refused, .unknown: StepMachine.failure(reply)
    }
  }
}
