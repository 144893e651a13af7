internal import Daemon
internal import Kubernetes

/// The half of `provisioner check` that the API server answers.
struct ClusterCheck: Sendable {
  let kubernetes: KubernetesClient

  private typealias Row = CheckReport.Row

  /// - Parameter rights: Those that are needed; `nil`: the database has not told.
  func run(rights: [Right]?) async -> [CheckReport.Row] {
    let version: KubernetesVersion
    do {
      version = try await KubernetesVersion.ask(kubernetes)
    } catch let error as StartupError {
      return [Row(.failed, "Kubernetes", error.message, hint: error.hint, isConnection: true)]
    } catch {
      return [
        Row(
          .failed, "Kubernetes", "\(error)",
          hint: "look at the kubeconfig: server, authority, credentials", isConnection: true)
      ]
    }
    let rows = [
      version <= .newest
        ? Row(.ok, "Kubernetes", "version \(version)")
        : Row(
          .warning, "Kubernetes", "version \(version)",
          hint: "\(KubernetesVersion.newest) is the newest that was tried")
    ]
    return rows + (await review(rights)) + (await PolicyCheck(kubernetes: kubernetes).run(version))
  }

  /// A row for each right.
  private func review(_ rights: [Right]?) async -> [Row] {
    guard let rights else {
      return [
        Row(
          .failed, "right", "the database does not tell which are needed",
          hint: "mend the rows above first")
      ]
    }
    return await withTaskGroup(of: (Int, Row).self) { group in
      for (number, right) in rights.enumerated() {
        group.addTask { (number, await self.review(right)) }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func review(_ right: Right) async -> Row {
    do {
      let answer = try await kubernetes.create(
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", right.review)
      guard answer["status"]?["allowed"] == .bool(true) else {
        let why = answer["status"]?["evaluationError"]?.string.map { ": \($0)" } ?? ""
        return Row(
          .failed, "right", "may not \(right), which \(right.neededFor) needs\(why)",
          hint: "grant it: kubectl apply -k deploy/kubernetes")
      }
      return Row(.ok, "right", "\(right)")
    } catch {
      let refused = (error as? KubernetesError)?.status != nil
      return Row(.failed, "right", "\(right): \(error)", isConnection: !refused)
    }
  }
}
