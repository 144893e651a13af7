internal import Glibc
internal import Synchronization

/// How much is served at most.
public struct AgentLimits: Sendable {
  /// Streams in all.
  public var readers: Int
  /// Streams of one organisation.
  public var readersPerOrganization: Int
  /// Connections of a listener that are no streams, beside them.
  public var idleConnections = 512
  /// Connections of all listeners together: each is an open file, and the agent needs some of its own.
  public var connections = Int.max
  /// How long a request's head may take.
  public var head = Duration.seconds(10)
  /// How long a connection may stay open without a request.
  public var idle = Duration.seconds(60)
  /// How long a reader may leave unread what it was sent.
  public var slow = Duration.seconds(30)

  /// - Parameters:
  ///   - readers: Streams in all.
  ///   - readersPerOrganization: Streams of one organisation.
  public init(readers: Int, readersPerOrganization: Int) {
    self.readers = readers
    self.readersPerOrganization = readersPerOrganization
  }

  /// Raises the limit of open files as far as the system lets this process.
  /// - Returns: That limit.
  public static func raiseOpenFiles() -> Int {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return Int(clamping: limit.rlim_cur)
  }
}

/// Counts streams, and turns away those above the limits.
final class Admission: Sendable {
  private struct Counts: Sendable {
    var all = 0
    var organizations: [Int64: Int] = [:]
  }

  private let limits: AgentLimits
  private let counts = Mutex(Counts())

  init(_ limits: AgentLimits) {
    self.limits = limits
  }

  /// Counts a stream in; `false` if there is no room.
  func enter(_ scope: AgentScope) -> Bool {
    counts.withLock { counts in
      guard counts.all < limits.readers else { return false }
      if case .organization(let orgID) = scope {
        guard counts.organizations[orgID, default: 0] < limits.readersPerOrganization else {
          return false
        }
        counts.organizations[orgID, default: 0] += 1
      }
      counts.all += 1
      return true
    }
  }

  /// Counts it out.
  func leave(_ scope: AgentScope) {
    counts.withLock { counts in
      counts.all -= 1
      guard case .organization(let orgID) = scope else { return }
      let rest = counts.organizations[orgID, default: 1] - 1
      counts.organizations[orgID] = rest == 0 ? nil : rest
    }
  }
}
