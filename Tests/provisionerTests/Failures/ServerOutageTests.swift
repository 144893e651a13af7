internal import Foundation
internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// The real API server dies in the middle of the daemon's work. On a cluster of their own, one after the
/// other.
@Suite(.timeLimit(.minutes(10)), .serialized) struct ServerOutageTests {
  /// Down for a minute, which is four leases.
  @Test func theAPIServerIsDownForAMinute() async throws {
    try await interrupt(lease: 15) { (outage: Outage) async throws in
      let down = ContinuousClock.now
      try await eventually(within: .seconds(120), "a minute without it; \(outage.daemon.log)") {
        down.duration(to: .now) > .seconds(60)
          && outage.daemon.lines.count { $0.contains("code=unavailable") } >= 3
      }
      try await outage.expectNothingGivenUp()
      try await outage.cluster.control("up", "apiserver")
    }
  }

  /// It comes back with certificates of another authority, which the daemon's kubeconfig names only later.
  @Test func theAPIServersAuthorityIsAnotherOne() async throws {
    try await interrupt(lease: 2) { (outage: Outage) async throws in
      let cluster = outage.cluster
      let folder = "\(cluster.folder)/kubernetes"
      try await cluster.control("down", "kubernetes")
      for name in ["ca", "etcd", "apiserver", "admin", "manager"] {
        for ending in ["crt", "key"] {
          try FileManager.default.removeItem(atPath: "\(folder)/\(name).\(ending)")
        }
      }
      // The launcher makes those that are missing.
      try await cluster.control("up", "kubernetes")
      let heard = outage.daemon.lines.count
      try await eventually("three jobs that trust it no longer; \(outage.daemon.log)") {
        outage.daemon.lines.dropFirst(heard).count {
          $0.contains("code=unavailable") && $0.contains("certificate")
        } >= 3
      }
      try await outage.expectNothingGivenUp()
      try outage.trust()
    }
  }

  /// A cluster whose API server was killed, and a daemon with jobs in its hands.
  private struct Outage: Sendable {
    let scene: Scene
    let daemon: DaemonProcess
    /// The authority that the daemon's kubeconfig names.
    let authority: String

    var cluster: Stack { scene.cluster }

    /// The daemon's kubeconfig names the cluster's authority of now.
    func trust() throws {
      try Data(contentsOf: URL(fileURLWithPath: "\(cluster.folder)/kubernetes/ca.crt"))
        .write(to: URL(fileURLWithPath: authority), options: .atomic)
    }

    func expectNothingGivenUp() async throws {
      let rest = try await scene.owner.query(
        "SELECT kind, state, error FROM provisioning.jobs WHERE undo OR state = 'failed'")
      #expect(rest.isEmpty, "\(rest)")
    }
  }

  /// Kills the API server when a job has begun, and expects every organisation to be COMMITTED in the end.
  /// - Parameter end: Ends the outage.
  private func interrupt(
    lease: Int, until end: (Outage) async throws -> Void
  ) async throws {
    let cluster = try await OwnCluster.shared.lend()
    do {
      try await Trial.play(cluster: cluster) { trial in
        let scene = trial.scene
        // What it had done when it died, it had no time to write down.
        trial.allow { $0.mayMissWrites = true }
        let authority = "\(cluster.folder)/\(scene.prefix).crt"
        let kubeconfig = "\(cluster.folder)/\(scene.prefix).kubeconfig"
        try String(contentsOfFile: cluster.provisionerKubeconfig, encoding: .utf8)
          .replacing(/certificate-authority: .*/, with: "certificate-authority: \(authority)")
          .write(toFile: kubeconfig, atomically: true, encoding: .utf8)
        let names = (0..<6).map { "n\($0)" }
        var ids: [Int64] = []
        for name in names { ids.append(try await scene.organization(name)) }
        try Data(contentsOf: URL(fileURLWithPath: "\(cluster.folder)/kubernetes/ca.crt"))
          .write(to: URL(fileURLWithPath: authority))
        let daemon = try scene.daemon("one", lease: lease, kubeconfig: kubeconfig)
        try await eventually("a job has begun; \(daemon.log)") {
          for name in names where try await scene.status(scene.namespacePath(name)) == 200 {
            return true
          }
          return false
        }
        try await cluster.control("crash", "apiserver")
        let more = try await scene.organization("more")
        try await end(Outage(scene: scene, daemon: daemon, authority: authority))
        for (id, name) in zip(ids + [more], names + ["more"]) {
          try await eventually(within: .seconds(120), "COMMITTED; \(daemon.log)") {
            try await scene.organizationStatus(id) == "COMMITTED"
          }
          try await scene.checkTenant(id, name)
        }
        #expect(try await daemon.stop() == 0)
      }
    } catch {
      // Who comes next shall not suffer from it.
      try? await OwnCluster.shared.takeBack(isBroken: true)
      throw error
    }
    try await OwnCluster.shared.takeBack(isBroken: false)
  }
}

/// A cluster that these tests share, since one takes ten seconds to start.
private actor OwnCluster {
  static let shared = OwnCluster()
  private var stack: Stack?
  /// How many tests have yet to use it; what is left of a selection of them ends with the run.
  private var awaited = 2

  func lend() async throws -> Stack {
    awaited -= 1
    if let stack { return stack }
    let cluster = try await Stack.start(only: "kubernetes")
    stack = cluster
    return cluster
  }

  func takeBack(isBroken: Bool) async throws {
    guard isBroken || awaited == 0 else { return }
    let cluster = stack
    stack = nil
    try await cluster?.destroy()
  }
}
