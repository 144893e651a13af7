internal import HotConfig

/// Judges a history by what was promised. A struct without I/O, so that it is itself put to the test.
///
/// - Every change that was committed is in the database: its version with its value, or a later one.
/// - Every pod holds what the database has for it: the organisations it is bound to, the platform's, and
///   nothing else; and what it has told is what it holds.
/// - Within an epoch no version ever falls for a pod, and none changes its content.
/// - What holds was announced in the epoch that holds, and nothing that the database does not have.
/// - What is published is well-formed, and carries no value.
struct Judge: Sendable {
  typealias Key = History.Key

  /// A version with its content.
  struct Value: Sendable, Equatable, CustomStringConvertible {
    var version: Int64
    var value: String?

    var description: String { "\(value ?? "-")@\(version)" }
  }

  /// What a pod was entitled to, has told, and holds.
  struct Pod: Sendable {
    var name: String
    var service: String
    /// `nil`: of every organisation.
    var orgs: Set<Int64>?
    var applications: [History.Application]
    var held: [Key: Value]

    func mayHold(_ key: Key) -> Bool {
      key.service == service && (orgs.map { key.orgID == 0 || $0.contains(key.orgID) } ?? true)
    }
  }

  /// What the trial has done that changes what may be expected.
  struct Rules: Sendable {
    /// Announcements may be lost: Redis was away, or its connections were.
    var mayMissAnnouncements = false
    /// Somebody went around the triggers: the content of a version may change, and a row be gone.
    var mayChangeSilently: Set<Key> = []
  }

  /// A part of every value that is written; no message may contain it.
  static let marker = "zebra"

  var commits: [History.Commit]
  var publications: [History.Publication]
  var pods: [Pod]
  var stored: [Key: Value]
  /// The epoch that holds at the end.
  var epoch: Int64
  var rules = Rules()

  /// What is wrong; empty if nothing is.
  var findings: [String] { broken + lost + unlike + unannounced }

  /// What no waiting mends.
  var broken: [String] { fallen + malformed }

  /// Committed, and not in the database.
  private var lost: [String] {
    commits.compactMap { commit in
      guard commit.certainty == .committed, let version = commit.version else { return nil }
      let written = Value(version: version, value: commit.value)
      guard let now = stored[commit.key] else { return "lost: \(commit.key) \(written)" }
      if now.version > version || now == written { return nil }
      if now.version == version, rules.mayChangeSilently.contains(commit.key) { return nil }
      return "lost: \(commit.key) \(written), the database has \(now)"
    }
  }

  /// In the database and not in a pod that is entitled to it, or the other way round.
  private var unlike: [String] {
    pods.flatMap { pod -> [String] in
      let entitled = stored.filter { pod.mayHold($0.key) }
      var findings = differences(entitled, pod.held).map { "\(pod.name) holds \($0)" }
      var told: [Key: Value] = [:]
      for application in pod.applications {
        if !pod.mayHold(application.key) {
          findings.append("\(pod.name) was shown \(application.key)")
        }
        told[application.key] = application.version.map {
          Value(version: $0, value: application.value)
        }
      }
      findings += differences(pod.held, told).map { "\(pod.name) has told \($0)" }
      return findings
    }
  }

  private func differences(_ right: [Key: Value], _ other: [Key: Value]) -> [String] {
    Set(right.keys).union(other.keys).filter { right[$0] != other[$0] }
      .map {
        "\($0) \(other[$0].map { "\($0)" } ?? "not"), which is \(right[$0].map { "\($0)" } ?? "not there")"
      }
      .sorted()
  }

  /// A version that falls, or changes its content, within an epoch; an epoch that falls.
  private var fallen: [String] {
    pods.flatMap { pod -> [String] in
      var findings: [String] = []
      var epoch: Int64 = 0
      var known: [Key: Value] = [:]
      for application in pod.applications {
        if application.epoch < epoch {
          findings.append("\(pod.name) fell from epoch \(epoch) to \(application.epoch)")
        }
        if application.epoch != epoch { known = [:] }
        epoch = application.epoch
        guard let version = application.version else { continue }
        let new = Value(version: version, value: application.value)
        if let old = known[application.key] {
          if new.version < old.version {
            findings.append("\(pod.name) went back: \(application.key) from \(old) to \(new)")
          } else if new.version == old.version, new != old,
            !rules.mayChangeSilently.contains(application.key)
          {
            findings.append(
              "\(pod.name) changed silently: \(application.key) from \(old) to \(new)")
          }
        }
        known[application.key] = new
      }
      return findings
    }
  }

  /// Held and never announced in this epoch; or announced, and not there.
  private var unannounced: [String] {
    var newest: [Key: Int64] = [:]
    var announced: [Key: Set<Int64>] = [:]
    for publication in publications {
      guard
        case .announcement(let service, let name, let version, let orgID, let position)? =
          FeedMessage(channel: publication.channel, payload: publication.payload),
        position.epoch == epoch
      else { continue }
      let key = Key(orgID: orgID, service: service, key: name)
      newest[key] = max(newest[key] ?? 0, version)
      announced[key, default: []].insert(version)
    }
    var findings: [String] = []
    for (key, version) in newest
    where version > stored[key]?.version ?? 0 && !rules.mayChangeSilently.contains(key) {
      findings.append("announced \(key) version \(version), which the database does not have")
    }
    if !rules.mayMissAnnouncements {
      for (key, now) in stored where announced[key]?.contains(now.version) != true {
        findings.append("never announced: \(key) \(now)")
      }
    }
    return findings.sorted()
  }

  private var malformed: [String] {
    publications.compactMap { publication in
      let text = "\(publication.channel) \(publication.payload)"
      if text.contains(Self.marker) { return "published a value: \(text)" }
      return Self.isWellFormed(publication) ? nil : "not well-formed: \(text)"
    }
  }

  /// By hand: of thousands of messages each is looked at with every judgement, and a regular expression takes
  /// a minute for them where the machine is busy.
  private static func isWellFormed(_ publication: History.Publication) -> Bool {
    if publication.channel == "config:_check" { return true }
    let parts = publication.channel.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "config", let first = parts[1].utf8.first,
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= first, !parts[2].isEmpty, !parts[2].contains(" ")
    else { return false }
    let isService = parts[1].utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
    var names: [Substring] = []
    for word in publication.payload.split(separator: " ", omittingEmptySubsequences: false) {
      let pair = word.split(separator: "=", omittingEmptySubsequences: false)
      guard pair.count == 2, !pair[1].isEmpty,
        pair[1].utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
      else { return false }
      names.append(pair[0])
    }
    guard parts[2] == "_hb" else {
      return isService && names == ["version", "org_id", "epoch", "inc", "seq"]
    }
    return isService
      && (names == ["epoch", "inc", "seq"] || names == ["epoch", "inc", "seq", "subs"])
  }
}
