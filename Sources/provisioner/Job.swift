internal import Kubernetes

/// A job as `provisioning.claim` hands it out.
struct Job: Sendable {
  /// What proves to PostgreSQL that a worker still holds the job.
  struct Claim: Sendable, Hashable {
    var orgID: Int64
    var jobID: Int64
    var fence: Int64
  }

  var claim: Claim
  var kind: String
  /// Whether what was made is to be taken back.
  var isUndo: Bool
  var attempt: Int64
  var operationID: String
  var namespace: String
  /// The recorded uid of the namespace; `nil` until it is made.
  var namespaceUID: String?
  /// What is to be done; of an undo, what takes the rest back.
  var steps: [Step]
}

/// One step of the blueprint.
struct Step: Sendable {
  enum Verb: String, Sendable {
    /// POST to the collection.
    case create
    /// PUT; 409 means that a controller was faster.
    case replace
    /// Server-side apply: made, or brought to what the blueprint says.
    case apply
    /// JSON Merge Patch.
    case merge
    /// JSON Patch, whose tests say that the object is the one that was read.
    case patch
    /// The namespace is taken over for this attempt.
    case hold
    /// DELETE of everything in a collection.
    case clear
    /// DELETE of the namespace, until it is gone.
    case delete
    /// GET, which must say at least the same.
    case compare
    /// LIST, which must be empty.
    case vacant
  }

  enum OnExists: String, Sendable {
    /// An existing object must say the same, else it is replaced.
    case compare
    /// Whatever is there will do, and is not read.
    case accept
  }

  var name: String
  /// The name by which later steps refer to the object.
  var answer: String
  /// Steps of a wave run side by side; the next wave waits for all of them.
  var wave: Int64
  /// A step of the same wave that must be done before.
  var after: String?
  var verb: Verb
  /// For `create` the path of the collection, else of the object.
  var path: String
  var body: JSONValue
  var onExists: OnExists
  /// Skip the step where this field of an earlier answer, `step.field.field`, is there already.
  var unless: String?
  /// Skip the step where that field is absent.
  var onlyIf: String?
}

extension Step {
  /// - Throws: `ProvisionerError.malformedStep` if the blueprint holds something else than a step.
  init(_ json: JSONValue) throws {
    guard let name = json["step"]?.string, let wave = json["wave"]?.integer,
      let verb = json["verb"]?.string.flatMap(Verb.init), let path = json["path"]?.string,
      let onExists = json["on_exists"]?.string.flatMap(OnExists.init)
    else { throw ProvisionerError.malformedStep("\(json["step"]?.string ?? "unnamed")") }
    self.name = name
    answer = json["answer"]?.string ?? name
    self.wave = wave
    after = json["after"]?.string
    self.verb = verb
    self.path = path
    body = json["body"] ?? .null
    self.onExists = onExists
    unless = json["unless"]?.string
    onlyIf = json["only_if"]?.string
  }

  /// The path of the object itself, by which it is read. A status is read with its object.
  var objectPath: String {
    if verb == .create, let name = body["metadata"]?["name"]?.string { return "\(path)/\(name)" }
    let status = "/status"
    return path.hasSuffix(status) ? String(path.dropLast(status.count)) : path
  }
}
