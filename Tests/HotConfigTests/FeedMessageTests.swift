internal import Testing

@testable internal import HotConfig

@Suite struct FeedMessageTests {
  private static let position = FeedMessage.Position(epoch: 1, incarnation: 7, seq: 42)

  @Test func anAnnouncementIsWrittenAsTheDocumentSays() {
    let message = FeedMessage.announcement(
      service: "ai", key: "threshold", version: 5, orgID: 123, Self.position)
    #expect(message.channel == "config:ai:threshold")
    #expect(message.payload == "version=5 org_id=123 epoch=1 inc=7 seq=42")
  }

  @Test func whatIsWrittenIsRead() {
    for message in [
      FeedMessage.announcement(
        service: "ai", key: "a.b-c_d", version: 5, orgID: 123, Self.position),
      .heartbeat(service: "features", Self.position),
      .heartbeat(service: "features", Self.position, subscribers: 1000),
    ] {
      #expect(FeedMessage(channel: message.channel, payload: message.payload) == message)
    }
  }

  @Test func laterVersionsMayAddWords() {
    let message = FeedMessage(
      channel: "config:ai:threshold", payload: "version=5 org_id=1 epoch=1 inc=7 seq=42 new=thing x"
    )
    #expect(message?.position == Self.position)
  }

  @Test(arguments: [
    ("config:ai:threshold", "version=5"), ("config:ai:threshold", ""),
    ("config:ai:threshold", "version=x org_id=1 epoch=1 inc=7 seq=42"),
    ("config:ai", "version=5 org_id=1 epoch=1 inc=7 seq=42"),
    ("other:ai:threshold", "version=5 org_id=1 epoch=1 inc=7 seq=42"),
    ("config::threshold", "version=5 org_id=1 epoch=1 inc=7 seq=42"),
  ])
  func whatIsNoMessageIsPassedOver(channel: String, payload: String) {
    #expect(FeedMessage(channel: channel, payload: payload) == nil)
  }
}
