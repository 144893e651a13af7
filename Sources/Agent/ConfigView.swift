internal import HotConfig
internal import NIOCore

/// What one scope sees of a service, and what its readers have been told lately.
struct ConfigView: Sendable {
  /// A change that a reader may have missed.
  private struct Told: Sendable {
    /// The id of what it changed.
    var before: String
    var bytes: [UInt8]
  }

  /// Changes kept for readers that come back.
  private static let keptChanges = 64
  private static let keptBytes = 256 * 1024

  let scope: AgentScope
  /// Tells views apart that have the same entries.
  private let base: UInt128
  /// Sum of the entries' digests: changes with every value, and back with it.
  private var sum: UInt128
  private var told: [Told] = []
  private var toldBytes = 0
  /// Rises with everything that readers are told.
  var generation = 0
  /// How many streams follow it.
  var readers = 0
  /// Encoded when somebody asks, and kept until something changes.
  var document: ConfigDocument?
  var snapshot: ByteBuffer?

  init(_ service: String, _ scope: AgentScope, of index: ServiceIndex) {
    self.scope = scope
    base = ConfigEntry.digest(of: Array("\(service) \(scope)".utf8))
    sum = 0
    take(everythingOf: index)
  }

  /// Names what is seen: the same on every agent, and after a restart.
  func id(epoch: Int64) -> String {
    let hex = String(base &+ sum, radix: 16)
    return "\(epoch)-\(String(repeating: "0", count: 32 - hex.count))\(hex)"
  }

  /// Begins anew: what was told before leads nowhere.
  mutating func take(everythingOf index: ServiceIndex) {
    switch scope {
    case .organization(let orgID):
      sum = index.effective(orgID).values.reduce(0) { $0 &+ $1.digest }
    case .everything:
      sum = index.organizations.values.reduce(0) { sum, entries in
        entries.values.reduce(sum) { $0 &+ $1.digest }
      }
    }
    told = []
    toldBytes = 0
    forget()
  }

  /// An entry is another one.
  mutating func replace(_ old: ConfigEntry?, by new: ConfigEntry?) {
    sum = sum &- (old?.digest ?? 0) &+ (new?.digest ?? 0)
  }

  /// Readers are told something.
  mutating func forget() {
    generation += 1
    document = nil
    snapshot = nil
  }

  /// Keeps what readers are told of a change.
  mutating func keep(_ bytes: [UInt8], before: String) {
    told.append(Told(before: before, bytes: bytes))
    toldBytes += bytes.count
    while told.count > Self.keptChanges || toldBytes > Self.keptBytes {
      toldBytes -= told.removeFirst().bytes.count
    }
  }

  /// What a reader has missed that has seen `id`; `nil` if that is not known any more.
  func missed(since id: String, epoch: Int64) -> [UInt8]? {
    if id == self.id(epoch: epoch) { return [] }
    guard let first = told.lastIndex(where: { $0.before == id }) else { return nil }
    return told[first...].flatMap(\.bytes)
  }
}
