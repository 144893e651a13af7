internal import Kubernetes
internal import TestSupport
internal import Testing

@testable internal import provisioner

// What others do to a tenant's namespace.

/// A worker in the middle of whose job something happens.
func interrupted(
  _ scene: Scene, _ moment: InterruptedCaller.Moment,
  _ matches: @escaping @Sendable (Request) -> Bool,
  act: @escaping @Sendable () async throws -> Void
) throws -> (worker: Worker, caller: InterruptedCaller) {
  var interrupted: InterruptedCaller?
  let worker = try scene.worker("interrupted") { caller in
    let wrapped = InterruptedCaller(caller, moment, matches, act: act)
    interrupted = wrapped
    return wrapped
  }
  return (worker, try #require(interrupted))
}

/// Puts something into the tenant's namespace that its deletion must wait for.
func hold(_ scene: Scene) async throws {
  _ = try await scene.kubernetes.create(
    scene.namespacePath() + "/configmaps",
    ["metadata": ["name": "kept", "finalizers": ["example.com/keep"]]])
}

/// The deletion need not wait any more. Its controller looks again after as long as it has been looking, up
/// to a minute; a change of the namespace makes it look in five seconds.
func letGo(_ scene: Scene) async throws {
  _ = try await scene.kubernetes.mergePatch(
    scene.namespacePath() + "/configmaps/kept", ["metadata": ["finalizers": .null]])
  do {
    _ = try await scene.kubernetes.mergePatch(
      scene.namespacePath(), ["metadata": ["annotations": ["example.com/let": "go"]]])
  } catch let error as KubernetesError where error.status?.code == 404 {
    // It is gone already.
  }
}

/// Deletes the tenant's namespace, as an administrator, and waits until it is gone.
func remove(_ scene: Scene) async throws {
  _ = try await scene.kubernetes.delete(scene.namespacePath(), uid: nil, resourceVersion: nil)
  try await eventually { try await scene.status(scene.namespacePath()) == 404 }
}
