internal import AsyncIO
public import HotConfig
public import ServiceLifecycle
internal import Synchronization

/// Holds the configuration of some services, and gives it to everybody on this host who may see it: by
/// HTTP, as an event stream, as a file.
public final class AgentService: Service {
  /// What is known of a service now.
  public struct Standing: Sendable {
    public let service: String
    public let state: ConfigState
    public let epoch: Int64?
    /// How long ago the values were last known to be the database's.
    public let age: Duration?
    public let figures: ServiceFigures
  }

  /// One service: where its values come from, and where they go.
  private struct Branch: Sendable {
    let board: ServiceBoard
    let config: HotConfig
    let inbox: Inbox
    let fileIsOld = AsyncSignal()

    var source: ServiceConfig { config.service(board.service) }
  }

  private let configuration: AgentConfiguration
  private let branches: [Branch]
  private let shared: SharedState
  private let server: AgentServer
  private let observe: @Sendable (AgentObservation) -> Void

  /// Begins to load at once.
  /// - Parameters:
  ///   - hotConfig: Where a service's configuration comes from.
  ///   - observe: Told what happens, from any task. Must not block.
  public init(
    _ configuration: AgentConfiguration,
    hotConfig: (_ service: String) -> HotConfigConfiguration,
    observe: @escaping @Sendable (AgentObservation) -> Void
  ) {
    self.configuration = configuration
    self.observe = observe
    branches = configuration.services.map { service in
      let inbox = Inbox()
      return Branch(
        board: ServiceBoard(service: service, bound: configuration.bound),
        config: HotConfig(hotConfig(service)) { event in
          inbox.note(event)
          observe(.config(service: service, event))
        }, inbox: inbox)
    }
    shared = SharedState(boards: branches.map(\.board), limits: configuration.limits)
    let listeners = configuration.listeners.map {
      ListenerState(
        $0, services: Set(configuration.services), bound: configuration.bound,
        limits: configuration.limits)
    }
    server = AgentServer(shared: shared, listeners: listeners, observe: observe)
  }

  /// Every service, in the order of the configuration.
  public var standings: [Standing] {
    branches.map {
      Standing(
        service: $0.board.service, state: $0.source.state, epoch: $0.source.epoch,
        age: $0.source.age, figures: $0.board.figures)
    }
  }

  /// Connections that are open.
  public var connections: Int { server.connections }

  /// How many answers there were of each status code.
  public var answers: [UInt: Int] { shared.answers.withLock { $0 } }

  /// Serves until the task is cancelled or the service is shut down gracefully.
  /// - Throws: If an address cannot be listened on, or tokens cannot be read at the start. What happens
  ///   later is observed.
  public func run() async throws {
    let result = await withTaskGroup { group in
      for branch in branches {
        group.addTask { await self.follow(branch) }
        if let directory = configuration.directory {
          group.addTask {
            await self.keep(ConfigFile(directory: directory, service: branch.board.service), branch)
          }
        }
      }
      let result: Result<Void, any Error>
      do {
        result = .success(try await server.run())
      } catch {
        result = .failure(error)
      }
      group.cancelAll()
      return result
    }
    for branch in branches { await branch.config.close() }
    try result.get()
  }

  /// Writes every file once: the database's values, or, where it does not answer in time, the last known
  /// good ones.
  /// - Throws: `HotConfigError.notLoaded` if there are neither; what the system refused.
  public func writeOnce(patience: Duration) async throws {
    let result: Result<Void, any Error>
    do {
      result = .success(try await writeOnce(until: .now + patience))
    } catch {
      result = .failure(error)
    }
    for branch in branches { await branch.config.close() }
    try? await server.close()
    try result.get()
  }

  private func writeOnce(until end: ContinuousClock.Instant) async throws {
    for branch in branches {
      while branch.source.state != .ready, ContinuousClock.now < end {
        await branch.inbox.wait(timeout: .milliseconds(100))
      }
      guard load(branch), let document = branch.board.document(configuration.bound) else {
        throw HotConfigError.notLoaded(
          service: branch.board.service, why: branch.inbox.failure ?? "no answer in time")
      }
      guard let directory = configuration.directory else { continue }
      var file = ConfigFile(directory: directory, service: branch.board.service)
      _ = try await file.write(document)
      observe(.wrote(service: branch.board.service))
    }
  }

  /// Takes the first values, if they are there.
  private func load(_ branch: Branch) -> Bool {
    branch.inbox.clear()
    guard let epoch = branch.source.epoch else { return false }
    let values = branch.source.values
    let state = branch.source.state
    _ = branch.board.reset(values, epoch: epoch, state: state)
    observe(.serves(service: branch.board.service, values: values.count, state: state))
    return true
  }

  private func follow(_ branch: Branch) async {
    let service = branch.board.service
    var epoch: Int64?
    var refused = 0
    while !Task.isCancelled {
      if epoch == nil {
        if load(branch) {
          epoch = branch.source.epoch
          branch.fileIsOld.raise()
        }
      } else {
        let began = ContinuousClock.now
        let batch = branch.inbox.take()
        epoch = batch.epoch ?? epoch
        let broadcasts = branch.board.apply(
          batch.changes, epoch: epoch ?? 0, state: branch.source.state)
        await server.send(broadcasts, of: branch.board)
        branch.fileIsOld.raise()
        if !batch.changes.isEmpty {
          observe(
            .sent(service: service, changes: batch.changes, took: began.duration(to: .now)))
        }
      }
      if branch.board.refused > refused {
        refused = branch.board.refused
        observe(.refused(service: service, values: refused))
      }
      // That nothing has been heard for too long is an event, too, and nobody tells it.
      await branch.inbox.wait(timeout: .seconds(1))
    }
  }

  private func keep(_ file: ConfigFile, _ branch: Branch) async {
    var file = file
    while !Task.isCancelled {
      await branch.fileIsOld.wait()
      guard !Task.isCancelled, let document = branch.board.document(configuration.bound) else {
        continue
      }
      do {
        if try await file.write(document) { observe(.wrote(service: branch.board.service)) }
      } catch {
        observe(.unwritten(service: branch.board.service, error: error))
      }
    }
  }
}
