internal import HotConfig
internal import NIOCore
internal import Synchronization

/// One service's configuration, for all its readers. Its lock is held to look something up, and to
/// encode what nobody has asked for yet; never while anything is sent.
final class ServiceBoard: Sendable {
  /// Something that the readers of a scope are told: encoded once.
  struct Broadcast: Sendable {
    let scope: AgentScope
    /// Follows on `generation - 1`.
    let generation: Int
    let bytes: ByteBuffer
  }

  private struct State: Sendable {
    var index: ServiceIndex
    /// `nil`: nothing is loaded.
    var epoch: Int64?
    var state = ConfigState.error
    var views: [AgentScope: ConfigView] = [:]
    /// Of the documents encoded since views were given up last.
    var encodedBytes = 0
  }

  /// Views that nobody follows are given up when there are more, or when more has been encoded since: who may
  /// ask for every organisation may ask for each of them, and for thousands that there are not.
  private static let keptViews = 1024
  private static let keptBytes = 16 * 1024 * 1024

  let service: String
  let figures = ServiceFigures()
  private let state: Mutex<State>

  init(service: String, bound: AgentScope) {
    self.service = service
    state = Mutex(State(index: ServiceIndex(bound: bound)))
  }

  /// Whether there is anything to serve.
  var isLoaded: Bool { state.withLock { $0.epoch != nil } }

  /// How many values came that this agent may not know.
  var refused: Int { state.withLock { $0.index.refused } }

  /// The document of a scope; `nil` if nothing is loaded.
  func document(_ scope: AgentScope) -> ConfigDocument? {
    state.withLock { state in
      guard let epoch = state.epoch else { return nil }
      var encodedBytes = 0
      defer { state.encodedBytes += encodedBytes }
      return look(&state, scope) { view, state in
        if let document = view.document { return document }
        var body = ByteBuffer(bytes: json(state, scope, epoch))
        body.writeString("\n")
        let isStale = state.state != .ready
        let document = ConfigDocument(
          body: body, etag: "\"\(view.id(epoch: epoch))\(isStale ? "-stale" : "")\"",
          state: state.state)
        view.document = document
        encodedBytes = document.body.readableBytes
        return document
      }
    }
  }

  /// Begins a stream: what its reader gets first, and the generation that it then knows. `nil` if
  /// nothing is loaded.
  /// - Parameter lastID: What the reader has seen last, if it comes back.
  func open(_ scope: AgentScope, lastID: String?) -> (generation: Int, bytes: ByteBuffer)? {
    state.withLock { state in
      guard let epoch = state.epoch else { return nil }
      return look(&state, scope) { view, state in
        view.readers += 1
        if let lastID, let missed = view.missed(since: lastID, epoch: epoch) {
          let bytes = missed + Self.stateEvent(service, state.state)
          return (view.generation, ServerSentEvent.chunk(bytes))
        }
        return (view.generation, snapshot(&view, state, epoch))
      }
    }
  }

  /// Everything, for a reader that has fallen behind.
  func snapshot(_ scope: AgentScope) -> (generation: Int, bytes: ByteBuffer)? {
    state.withLock { state in
      guard let epoch = state.epoch else { return nil }
      return look(&state, scope) { view, state in
        (view.generation, snapshot(&view, state, epoch))
      }
    }
  }

  /// A stream has ended.
  func close(_ scope: AgentScope) {
    state.withLock { $0.views[scope]?.readers -= 1 }
  }

  /// Takes everything at once: the first load, or the file of the last run.
  func reset(
    _ values: [ConfigValue.Key: ConfigValue], epoch: Int64, state new: ConfigState
  ) -> [Broadcast] {
    state.withLock { state in
      state.index = ServiceIndex(bound: state.index.bound)
      for (key, value) in values { state.index.set(key, value) }
      state.epoch = epoch
      state.state = new
      return tellEverything(&state, epoch)
    }
  }

  /// Takes the changes of a load, all together.
  /// - Returns: What is to be sent to whom.
  func apply(_ changes: [ConfigChange], epoch: Int64, state new: ConfigState) -> [Broadcast] {
    state.withLock { state in
      var touched: [Int64: Set<String>] = [:]
      for change in changes { touched[change.key.orgID, default: []].insert(change.key.key) }
      let old = state.index
      for change in changes { state.index.set(change.key, change.new) }
      let isNewState = new != state.state
      state.state = new
      guard epoch == state.epoch else {
        state.epoch = epoch
        return tellEverything(&state, epoch)
      }
      return state.views.keys.flatMap { scope in
        var broadcasts: [Broadcast] = []
        guard var view = state.views.removeValue(forKey: scope) else { return broadcasts }
        let before = view.id(epoch: epoch)
        if let changes = Self.changes(&view, touched, from: old, to: state.index) {
          let header = ConfigHeader(
            service: service, scope: scope, epoch: epoch, state: state.state)
          let event = ServerSentEvent.bytes(
            event: "change", id: view.id(epoch: epoch),
            data: Array("{".utf8) + header.json + #","changes":"#.utf8 + changes
              + [UInt8(ascii: "}")])
          view.keep(event, before: before)
          view.forget()
          broadcasts.append(broadcast(view, event))
        }
        if isNewState {
          view.forget()
          broadcasts.append(broadcast(view, Self.stateEvent(service, new)))
        }
        state.views[scope] = view
        return broadcasts
      }
    }
  }

  private func broadcast(_ view: ConfigView, _ event: [UInt8]) -> Broadcast {
    Broadcast(
      scope: view.scope, generation: view.generation, bytes: ServerSentEvent.chunk(event))
  }

  /// The view of a scope, made if need be.
  private func look<Value>(
    _ state: inout State, _ scope: AgentScope, _ body: (inout ConfigView, State) -> Value
  ) -> Value {
    if state.views[scope] == nil,
      state.views.count >= Self.keptViews || state.encodedBytes >= Self.keptBytes
    {
      state.views = state.views.filter { $0.value.readers > 0 }
      state.encodedBytes = 0
    }
    var view =
      state.views.removeValue(forKey: scope) ?? ConfigView(service, scope, of: state.index)
    defer { state.views[scope] = view }
    return body(&view, state)
  }

  private func json(_ state: State, _ scope: AgentScope, _ epoch: Int64) -> [UInt8] {
    state.index.document(
      ConfigHeader(service: service, scope: scope, epoch: epoch, state: state.state))
  }

  private func snapshot(_ view: inout ConfigView, _ state: State, _ epoch: Int64) -> ByteBuffer {
    if let snapshot = view.snapshot { return snapshot }
    let snapshot = ServerSentEvent.chunk(
      ServerSentEvent.bytes(
        event: "config", id: view.id(epoch: epoch), data: json(state, view.scope, epoch)))
    view.snapshot = snapshot
    return snapshot
  }

  /// Another history: what readers hold compares with nothing.
  private func tellEverything(_ state: inout State, _ epoch: Int64) -> [Broadcast] {
    state.views.keys.compactMap { scope in
      guard var view = state.views.removeValue(forKey: scope) else { return nil }
      view.take(everythingOf: state.index)
      defer { state.views[scope] = view }
      return Broadcast(
        scope: scope, generation: view.generation, bytes: snapshot(&view, state, epoch))
    }
  }

  private static func stateEvent(_ service: String, _ state: ConfigState) -> [UInt8] {
    var data = Array(#"{"service":"#.utf8)
    JSONText.append(service, to: &data)
    data += #","state":"\#(state.name)"}"#.utf8
    return ServerSentEvent.bytes(event: "state", id: nil, data: data)
  }

  /// What a view sees of changes, as a JSON object: an entry for what holds now, null for what is gone.
  /// - Returns: `nil` if it sees none.
  private static func changes(
    _ view: inout ConfigView, _ touched: [Int64: Set<String>], from old: ServiceIndex,
    to new: ServiceIndex
  ) -> [UInt8]? {
    switch view.scope {
    case .organization(let orgID):
      let keys = (touched[orgID] ?? []).union(touched[ConfigValue.Key.platform] ?? [])
      return changes(&view, keys) {
        (old.effective(orgID, $0), new.effective(orgID, $0))
      }
    case .everything:
      let organizations = touched.sorted { $0.key < $1.key }.compactMap {
        (orgID, keys) -> [UInt8]? in
        changes(&view, keys) {
          (old.organizations[orgID]?[$0], new.organizations[orgID]?[$0])
        }.map { Array("\"\(orgID)\":".utf8) + $0 }
      }
      guard !organizations.isEmpty else { return nil }
      return [UInt8(ascii: "{")] + organizations.joined(separator: [UInt8(ascii: ",")])
        + [UInt8(ascii: "}")]
    }
  }

  private static func changes(
    _ view: inout ConfigView, _ keys: Set<String>,
    _ entries: (String) -> (old: ConfigEntry?, new: ConfigEntry?)
  ) -> [UInt8]? {
    var json: [UInt8] = []
    for key in keys.sorted() {
      let (old, new) = entries(key)
      guard old != new else { continue }
      view.replace(old, by: new)
      json.append(UInt8(ascii: json.isEmpty ? "{" : ","))
      if let new {
        json += new.json
      } else {
        JSONText.append(key, to: &json)
        json += ":null".utf8
      }
    }
    if json.isEmpty { return nil }
    return json + [UInt8(ascii: "}")]
  }
}
