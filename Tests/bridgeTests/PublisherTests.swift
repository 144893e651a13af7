internal import Foundation
internal import HotConfig
internal import Redis
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import bridge

/// What Redis answers to several PUBLISHes, one of which it refuses: no real one refuses the second of three
/// when we want it to.
@Suite(.timeLimit(.minutes(1))) struct PublisherTests {
  private static let messages = (1...3).map { number in
    FeedMessage.announcement(
      service: "s\(number)", key: "k", version: 1, orgID: 1,
      FeedMessage.Position(epoch: 1, incarnation: 1, seq: Int64(number)))
  }

  /// Publishes three messages to a server that says nothing before it has everything.
  /// - Returns: What it has read, and how many have reached, or why none counts.
  private func publish(
    _ answers: [String], role: String = "master"
  ) async throws -> (read: String, result: Result<[Int64], any Error>) {
    let read = Mutex("")
    let server = LocalServer { connection in
      _ = LocalServer.bytes(connection)
      LocalServer.reply(connection, "+PONG\r\n")
      while !read.withLock({ $0.contains("ROLE") }) {
        guard let bytes = LocalServer.bytes(connection) else { return }
        read.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
      }
      LocalServer.reply(
        connection,
        answers.joined() + "*3\r\n$\(role.utf8.count)\r\n\(role)\r\n:0\r\n*0\r\n")
      _ = LocalServer.bytes(connection)
    }
    defer { server.stop() }
    let redis = try await RedisConnection.connect(
      RedisConfiguration(url: "redis://127.0.0.1:\(server.port)"))
    let result: Result<[Int64], any Error>
    do {
      result = .success(try await Publisher.publish(Self.messages, redis: redis))
    } catch {
      result = .failure(error)
    }
    await redis.close()
    return (read.withLock { $0 }, result)
  }

  @Test func allGoTogetherAndEachAnswerIsRead() async throws {
    let (read, result) = try await publish([":1\r\n", ":0\r\n", ":7\r\n"])
    #expect(try result.get() == [1, 0, 7])
    let order = Self.messages.map { read.range(of: $0.channel)?.lowerBound }
    #expect(order.allSatisfy { $0 != nil } && order.map { $0! } == order.map { $0! }.sorted())
  }

  @Test(arguments: ["-NOPERM this user has no permissions\r\n", "+QUEUED\r\n", "$-1\r\n"])
  func oneThatIsRefusedIsNamed(answer: String) async throws {
    for place in 0..<3 {
      var answers = Array(repeating: ":1\r\n", count: 3)
      answers[place] = answer
      let (_, result) = try await publish(answers)
      #expect {
        try result.get()
      } throws: { error in
        guard case BridgeError.publishRefused(let channel, _) = error else { return false }
        return channel == Self.messages[place].channel
      }
    }
  }

  @Test func whatAReplicaTakesDoesNotCount() async throws {
    let (_, result) = try await publish(Array(repeating: ":1\r\n", count: 3), role: "slave")
    #expect {
      try result.get()
    } throws: { error in
      guard case BridgeError.publishedOnReplica(role: "slave") = error else { return false }
      return true
    }
  }
}
