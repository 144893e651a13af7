internal import Testing

/// A judge who lets everything pass proves nothing: each promise broken, and found.
@Suite struct JudgeTests {
  private static let threshold = History.Key(orgID: 7, service: "ai", key: "threshold")
  private static let model = History.Key(orgID: 0, service: "ai", key: "model")
  private static let foreign = History.Key(orgID: 8, service: "ai", key: "threshold")

  private static func applied(
    _ key: History.Key, _ version: Int64?, _ value: String?, epoch: Int64 = 3
  ) -> History.Application {
    History.Application(epoch: epoch, key: key, version: version, value: value)
  }

  private static func announced(_ key: History.Key, _ version: Int64, epoch: Int64 = 3)
    -> History.Publication
  {
    History.Publication(
      channel: "config:\(key.service):\(key.key)",
      payload: "version=\(version) org_id=\(key.orgID) epoch=\(epoch) inc=1 seq=\(version)")
  }

  /// A history in which everything is right.
  private static func good() -> Judge {
    Judge(
      commits: [
        .init(key: threshold, version: 1, value: "zebra-1", certainty: .committed),
        .init(key: threshold, version: 2, value: "zebra-2", certainty: .committed),
        .init(key: threshold, version: nil, value: "zebra-3", certainty: .unknown),
      ],
      publications: [
        announced(model, 1), announced(threshold, 1), announced(threshold, 2),
        announced(foreign, 1),
        .init(channel: "config:ai:_hb", payload: "epoch=3 inc=1 seq=3"),
        .init(channel: "config:ai:_hb", payload: "epoch=3 inc=1 seq=3 subs=2"),
      ],
      pods: [
        .init(
          name: "all", service: "ai", orgs: nil,
          applications: [
            applied(threshold, 1, "zebra-1"), applied(model, 1, "medium"),
            applied(foreign, 1, "zebra-9"), applied(threshold, 2, "zebra-2"),
          ],
          held: [
            threshold: .init(version: 2, value: "zebra-2"),
            model: .init(version: 1, value: "medium"),
            foreign: .init(version: 1, value: "zebra-9"),
          ]),
        .init(
          name: "seven", service: "ai", orgs: [7],
          applications: [
            // What another history had may be higher.
            applied(threshold, 9, "zebra-0", epoch: 2),
            applied(threshold, 1, "zebra-1"), applied(model, 1, "medium"),
            applied(threshold, 2, "zebra-2"),
          ],
          held: [
            threshold: .init(version: 2, value: "zebra-2"),
            model: .init(version: 1, value: "medium"),
          ]),
      ],
      stored: [
        threshold: .init(version: 2, value: "zebra-2"), model: .init(version: 1, value: "medium"),
        foreign: .init(version: 1, value: "zebra-9"),
      ],
      epoch: 3)
  }

  private func isFound(
    _ finding: String, at location: SourceLocation = #_sourceLocation,
    _ spoil: (inout Judge) -> Void
  ) {
    var judge = Self.good()
    spoil(&judge)
    let findings = judge.findings
    #expect(findings.contains { $0.hasPrefix(finding) }, "\(findings)", sourceLocation: location)
  }

  @Test func aGoodHistoryHasNoFindings() {
    #expect(Self.good().findings == [])
  }

  @Test func aLostChangeIsFound() {
    isFound("lost: 7/ai/threshold zebra-4@3") {
      $0.commits.append(
        .init(key: Self.threshold, version: 3, value: "zebra-4", certainty: .committed))
    }
    isFound("lost: 7/ai/threshold zebra-x@2") { $0.commits[1].value = "zebra-x" }
    isFound("lost: 8/ai/other") {
      $0.commits.append(
        .init(
          key: History.Key(orgID: 8, service: "ai", key: "other"), version: 1, value: "zebra",
          certainty: .committed))
    }
    // One whose end nobody knows may be lost.
    var judge = Self.good()
    judge.commits.append(.init(key: Self.threshold, version: 3, value: "z", certainty: .unknown))
    #expect(judge.findings == [])
  }

  @Test func aPodThatMissesAChangeIsFound() {
    isFound("all holds 7/ai/threshold zebra-1@1, which is zebra-2@2") {
      $0.pods[0].held[Self.threshold] = .init(version: 1, value: "zebra-1")
    }
    isFound("all holds 0/ai/model not") { $0.pods[0].held[Self.model] = nil }
    isFound("seven holds 0/ai/model large@1") { $0.pods[1].held[Self.model]?.value = "large" }
    isFound("seven has told 7/ai/threshold zebra-1@1") { $0.pods[1].applications.removeLast() }
  }

  @Test func aForeignOrganisationIsFound() {
    isFound("seven holds 8/ai/threshold") {
      $0.pods[1].held[Self.foreign] = .init(version: 1, value: "zebra-9")
    }
    // And also if it is gone again.
    isFound("seven was shown 8/ai/threshold") {
      $0.pods[1].applications += [
        Self.applied(Self.foreign, 1, "zebra-9"), Self.applied(Self.foreign, nil, nil),
      ]
    }
    isFound("all was shown 7/email/threshold") {
      $0.pods[0].applications += [
        Self.applied(History.Key(orgID: 7, service: "email", key: "threshold"), nil, nil)
      ]
    }
  }

  @Test func aVersionThatFallsIsFound() {
    isFound("all went back: 7/ai/threshold from zebra-2@2 to zebra-1@1") {
      $0.pods[0].applications += [
        Self.applied(Self.threshold, 1, "zebra-1"), Self.applied(Self.threshold, 2, "zebra-2"),
      ]
    }
    // Gone in between or not.
    isFound("all went back: 7/ai/threshold") {
      $0.pods[0].applications += [
        Self.applied(Self.threshold, nil, nil), Self.applied(Self.threshold, 1, "zebra-1"),
        Self.applied(Self.threshold, 2, "zebra-2"),
      ]
    }
    isFound("all fell from epoch 3 to 2") {
      $0.pods[0].applications.append(Self.applied(Self.threshold, 2, "zebra-2", epoch: 2))
    }
  }

  @Test func aVersionThatChangesItsContentIsFound() {
    func spoil(_ judge: inout Judge) {
      judge.pods[0].applications.insert(Self.applied(Self.threshold, 2, "zebra-x"), at: 3)
    }
    isFound("all changed silently: 7/ai/threshold from zebra-x@2 to zebra-2@2", spoil)
    var judge = Self.good()
    spoil(&judge)
    judge.rules.mayChangeSilently = [Self.threshold]
    #expect(judge.findings == [])
  }

  @Test func whatIsNotAnnouncedIsFound() {
    isFound("never announced: 7/ai/threshold zebra-2@2") { $0.publications.remove(at: 2) }
    // In another epoch is not enough.
    isFound("never announced: 0/ai/model medium@1") {
      $0.publications[0] = Self.announced(Self.model, 1, epoch: 2)
    }
    isFound("announced 7/ai/threshold version 3, which the database does not have") {
      $0.publications.append(Self.announced(Self.threshold, 3))
    }
    var judge = Self.good()
    judge.publications.remove(at: 2)
    judge.rules.mayMissAnnouncements = true
    #expect(judge.findings == [])
  }

  @Test(arguments: [
    ("config:ai:threshold", "version=2 org_id=7 epoch=3 inc=1 seq=2 value=zebra-2"),
    ("config:ai:zebra", "version=2 org_id=7 epoch=3 inc=1 seq=2"),
  ]) func aPublishedValueIsFound(channel: String, payload: String) {
    isFound("published a value: ") {
      $0.publications.append(.init(channel: channel, payload: payload))
    }
  }

  @Test(arguments: [
    ("config:ai:threshold", "version=2 org_id=7 epoch=3 inc=1"),
    ("config:ai:threshold", "version=2 org_id=7 epoch=3 inc=1 seq=2 more=0.9"),
    ("config:ai:threshold", "version=0.9 org_id=7 epoch=3 inc=1 seq=2"),
    ("config:ai", "version=2 org_id=7 epoch=3 inc=1 seq=2"),
    ("config:ai:_hb", "version=2 org_id=7 epoch=3 inc=1 seq=2"),
    ("config:ai:_hb", "epoch=3 inc=1 seq=2 subs=many"),
    ("other", ""),
  ]) func whatIsNotWellFormedIsFound(channel: String, payload: String) {
    isFound("not well-formed: ") {
      $0.publications.append(.init(channel: channel, payload: payload))
    }
  }
}
