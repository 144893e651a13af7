/// A collection, as it was at one moment.
public struct KubernetesList: Sendable {
  /// The objects. The API server leaves `apiVersion` and `kind` out of them.
  public var items: [JSONValue]
  /// The moment: where a watch would begin.
  public var resourceVersion: String?
}

extension KubernetesClient {
  /// Reads a whole collection, page by page, as it was at one moment. If the API server forgets that
  /// moment meanwhile (410), it is read anew.
  /// - Parameters:
  ///   - path: That of the collection, such as `/api/v1/namespaces`.
  ///   - labelSelector: Those with such labels: `app=web,tier in (a,b)`.
  ///   - fieldSelector: Those with such fields: `metadata.name=web`.
  ///   - pageSize: How many objects are asked for at a time. Each page has the client's time-out.
  public func list(
    _ path: String, labelSelector: String? = nil, fieldSelector: String? = nil,
    pageSize: Int = 500, auditID: String? = nil
  ) async throws -> KubernetesList {
    let selectors = [("labelSelector", labelSelector), ("fieldSelector", fieldSelector)]
      .compactMap { name, value in value.map { (name, $0) } }
    let path = Query.append(selectors, to: path)
    var pager = Pager(limit: pageSize)
    var action = pager.start()
    while case .read(let limit, let next) = action {
      let page = [("limit", limit.map { "\($0)" }), ("continue", next)]
        .compactMap { name, value in value.map { (name, $0) } }
      do {
        action = pager.take(try await get(Query.append(page, to: path), auditID: auditID))
      } catch let error as KubernetesError where error.status?.code == 410 {
        guard let again = pager.expire() else { throw error }
        action = again
      }
    }
    return KubernetesList(items: pager.items, resourceVersion: pager.resourceVersion)
  }
}
