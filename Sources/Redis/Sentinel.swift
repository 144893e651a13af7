/// Finds the master that Redis Sentinels name.
enum Sentinel {
  /// How long one Sentinel may take. Others are asked at the same time.
  private static let patience = Duration.seconds(2)

  /// A configuration of one server, and who tells when another one takes its place.
  struct Resolved: Sendable {
    var server: RedisConfiguration
    /// `nil`: nobody; it is always the same server.
    var watch: SentinelWatch?
  }

  /// Asks the Sentinels for the master, if there are any.
  /// - Throws: `RedisError`.
  static func resolved(_ configuration: RedisConfiguration) async throws -> Resolved {
    guard configuration.sentinels != nil else { return Resolved(server: configuration) }
    let master = try await master(configuration)
    return Resolved(
      server: configuration.at(master),
      watch: SentinelWatch(configuration: configuration, master: master))
  }

  /// The address that most Sentinels name. One that is cut off together with the old master would go on
  /// naming that; so the answer of more than half of them is waited for, or of all that answer at all.
  /// - Throws: `RedisError`: what the last Sentinel has failed of, or of kind `role` if none knows a master.
  static func master(
    _ configuration: RedisConfiguration
  ) async throws -> RedisConfiguration.Address {
    guard let sentinels = configuration.sentinels else { return configuration.address }
    return try await withThrowingTaskGroup { group in
      for address in sentinels.addresses {
        group.addTask { () -> Result<RedisConfiguration.Address?, any Error> in
          do {
            return .success(
              try await ask(configuration.ofSentinel(address), master: sentinels.master))
          } catch {
            return .failure(error)
          }
        }
      }
      var votes: [RedisConfiguration.Address: Int] = [:]
      var failure: (any Error)?
      for try await answer in group {
        switch answer {
        case .success(let address?):
          votes[address, default: 0] += 1
          guard votes[address, default: 0] * 2 > sentinels.addresses.count else { continue }
          group.cancelAll()
          return address
        case .success(nil): break
        case .failure(let error): failure = error
        }
      }
      try Task.checkCancellation()
      if let best = votes.max(by: { $0.value < $1.value }) { return best.key }
      throw failure
        ?? RedisError(
          kind: .role, message: "no Sentinel knows a master \(sentinels.master)")
    }
  }

  /// On which Sentinels tell that another server has become the master.
  static let channel = "+switch-master"

  /// Tries whether a Sentinel lets this be heard.
  static func listen(to sentinel: RedisConfiguration) async throws {
    let subscription = try await RedisSubscription.connect(sentinel, timeout: patience)
    do {
      try await subscription.subscribe([channel])
      await subscription.close()
    } catch {
      await subscription.close()
      throw error
    }
  }

  /// - Returns: `nil` if this Sentinel does not know it.
  static func ask(
    _ sentinel: RedisConfiguration, master: String
  ) async throws -> RedisConfiguration.Address? {
    let connection = try await RedisConnection.connect(sentinel, timeout: patience)
    do {
      let answer = try await connection.send(
        ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", master], timeout: patience)
      await connection.close()
      guard case .array(let words?) = answer, words.count == 2, let host = words[0].string,
        let port = words[1].string.flatMap(Int.init)
      else { return nil }
      return RedisConfiguration.Address(host: host, port: port)
    } catch {
      await connection.close()
      throw error
    }
  }
}

extension RedisConfiguration {
  /// What a Sentinel answers.
  public struct SentinelAnswer: Sendable {
    public var sentinel: Address
    /// The master's address; `nil`: it does not know it.
    public var master: Result<Address?, any Error>
    /// Why it does not let be heard that another server becomes the master; `nil`: it does, or was not asked,
    /// since it did not answer at all.
    public var refusal: (any Error)?
  }

  /// Asks each of the Sentinels all that is asked of one, for who looks after them.
  public func askSentinels() async -> [SentinelAnswer] {
    guard let sentinels else { return [] }
    var answers: [SentinelAnswer] = []
    for address in sentinels.addresses {
      do {
        let master = try await Sentinel.ask(ofSentinel(address), master: sentinels.master)
        var answer = SentinelAnswer(sentinel: address, master: .success(master))
        do {
          try await Sentinel.listen(to: ofSentinel(address))
        } catch {
          answer.refusal = error
        }
        answers.append(answer)
      } catch {
        answers.append(SentinelAnswer(sentinel: address, master: .failure(error)))
      }
    }
    return answers
  }
}
