/// Hears from the Sentinels when another server becomes the master.
struct SentinelWatch: Sendable {
  let configuration: RedisConfiguration
  /// The one that we are connected to.
  let master: RedisConfiguration.Address

  /// Watches until it has called `lost`, once, or is cancelled.
  func start(_ lost: @escaping @Sendable () -> Void) -> Task<Void, Never> {
    Task {
      var next = 0
      // Which Sentinels are unheard, and why, as it was told.
      var told: [RedisConfiguration.Address: String] = [:]
      while !Task.isCancelled {
        guard let sentinels = configuration.sentinels else { return }
        // A Sentinel that is lost is followed by the next one. Whether there was a failover meanwhile is
        // asked every time.
        let address = sentinels.addresses[next % sentinels.addresses.count]
        next += 1
        do {
          if try await hasChanged(
            of: sentinels.master, at: address, hears: { told[address] = nil })
          {
            return lost()
          }
        } catch is CancellationError {
          return
        } catch {
          if told.updateValue("\(error)", forKey: address) != "\(error)", !Task.isCancelled {
            sentinels.isUnheard?(address, error)
          }
        }
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  /// Returns when the master has changed, or throws when this Sentinel is lost.
  /// - Parameter hears: Called when it is listened to.
  private func hasChanged(
    of name: String, at sentinel: RedisConfiguration.Address, hears: () -> Void
  ) async throws -> Bool {
    let subscription = try await RedisSubscription.connect(configuration.ofSentinel(sentinel))
    do {
      try await subscription.subscribe([Sentinel.channel])
      hears()
      var hasChanged = try await Sentinel.master(configuration) != master
      if !hasChanged {
        for try await message in subscription.messages {
          // <master name> <old host> <old port> <new host> <new port>
          let words = message.payload.split(separator: " ")
          guard words.count == 5, words[0] == name else { continue }
          hasChanged = true
          break
        }
      }
      await subscription.close()
      return hasChanged
    } catch {
      await subscription.close()
      throw error
    }
  }
}
