/// Who waits for changes, or for the first load.
struct ChangeStreams: Sendable {
  typealias Filter = @Sendable (ConfigChange) -> Bool

  private var streams:
    [Int: (isWanted: Filter, continuation: AsyncStream<ConfigChange>.Continuation)] = [:]
  private var count = 0
  private(set) var isOver = false
  /// Finished by the first load.
  var waiters: [AsyncStream<Void>.Continuation] = []

  /// - Parameter isWanted: Of which changes it is told.
  mutating func add(
    _ continuation: AsyncStream<ConfigChange>.Continuation, isWanted: @escaping Filter
  ) -> Int {
    count += 1
    streams[count] = (isWanted, continuation)
    return count
  }

  mutating func remove(_ id: Int) { streams[id] = nil }

  /// The first load has come, or a later one.
  mutating func tell(_ changes: [ConfigChange]) {
    for waiter in waiters { waiter.finish() }
    waiters = []
    for stream in streams.values {
      for change in changes where stream.isWanted(change) {
        stream.continuation.yield(change)
      }
    }
  }

  /// Forgets everybody, since nothing comes any more.
  /// - Returns: What ends the streams. To be called outside the lock, which their end takes again.
  mutating func finish() -> @Sendable () -> Void {
    let (waiting, following) = (waiters, streams.values.map(\.continuation))
    waiters = []
    streams = [:]
    isOver = true
    return {
      for waiter in waiting { waiter.finish() }
      for stream in following { stream.finish() }
    }
  }
}
