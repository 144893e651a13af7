internal import Kubernetes

/// How a step ended. The names are those of `provisioning.steps.outcome`.
enum Outcome: Sendable, Equatable {
  case created(JSONValue, status: Int)
  /// It was there already, and right.
  case adopted(JSONValue)
  case replaced(JSONValue, status: Int)
  case patched(JSONValue, status: Int)
  /// Nothing was to be done.
  case skipped
  case deleted
  case absent
  case foreign
  /// It says what the blueprint says.
  case same(JSONValue)
  /// It does not, and where.
  case differs(JSONValue, String)
  case missing
  case failed(Failure)

  var name: String {
    switch self {
    case .created: "created"
    case .adopted: "adopted"
    case .replaced: "replaced"
    case .patched: "patched"
    case .skipped: "skipped"
    case .deleted: "deleted"
    case .absent: "absent"
    case .foreign: "foreign"
    case .same: "same"
    case .differs: "differs"
    case .missing: "missing"
    case .failed: "failed"
    }
  }

  /// The object that later steps refer to.
  var object: JSONValue? {
    switch self {
    case .created(let object, _), .adopted(let object), .replaced(let object, _),
      .patched(let object, _), .same(let object), .differs(let object, _):
      object
    case .skipped, .deleted, .absent, .foreign, .missing, .failed: nil
    }
  }

  var status: Int? {
    switch self {
    case .created(_, let status), .replaced(_, let status), .patched(_, let status): status
    case .failed(let failure): failure.status
    case .adopted, .skipped, .deleted, .absent, .foreign, .same, .differs, .missing: nil
    }
  }

  /// What is to be known of it besides.
  var detail: String? {
    switch self {
    case .differs(_, let detail): detail
    case .failed(let failure): failure.message
    case .created, .adopted, .replaced, .patched, .skipped, .deleted, .absent, .foreign, .same,
      .missing:
      nil
    }
  }
}

/// Why a step failed. What follows from it is decided by `provisioning.fail`.
struct Failure: Error, Sendable, Equatable {
  /// The codes of `provisioning.failure_codes`.
  enum Code: String, Sendable {
    case unavailable, throttled, terminating, conflict, forbidden, foreign, absent, invalid,
      ahead, cancelled, `internal`
    /// The lease has run out: nothing is reported.
    case stale
  }

  var code: Code
  var message: String
  var status: Int?
  var retryAfter: Duration?
  /// The fence of the namespace, where it is later than the attempt's.
  var laterFence: Int64?
}

extension Failure {
  /// What stopped a write says more than what stopped the look at it; how long to be patient, both say.
  func waiting(asToldBy look: Reply) -> Failure {
    var failure = self
    switch look {
    case .refused(_, _, _, let pause), .unknown(_, _, let pause):
      failure.retryAfter = [retryAfter, pause].compactMap(\.self).max()
    case .object: break
    }
    return failure
  }

  /// A namespace bears a later fence. Whether another worker has been given it, or the database knows of
  /// none, PostgreSQL tells.
  static func ahead(_ marks: Fence, of fence: Int64) -> Failure {
    Failure(
      code: .ahead,
      message:
        "the namespace bears the fence \(marks.number), this attempt \(fence): the database is "
        + "of an earlier time, or \(Fence.fenceAnnotation) was edited",
      laterFence: marks.number)
  }
}
