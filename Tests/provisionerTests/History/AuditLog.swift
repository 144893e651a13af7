internal import Foundation
internal import Kubernetes
internal import TestSupport

/// Reads what an API server writes down (scripts/stack.d/audit-policy.yaml), from a moment on.
struct AuditLog: Sendable {
  private let path: String
  private let offset: UInt64

  /// From now on.
  init(of cluster: Stack) {
    path = cluster.auditLog
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    offset = (attributes?[.size] as? UInt64) ?? 0
  }

  /// The writes since then to namespaces whose names begin so, in the order of their beginnings.
  func writes(to prefix: String) throws -> [Write] {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    defer { try? file.close() }
    try file.seek(toOffset: offset)
    let bytes = try file.readToEnd() ?? Data()
    // The last line may be half written.
    let whole = bytes.lastIndex(of: 0x0A).map { bytes[...$0] } ?? Data()
    let mark = Data(prefix.utf8)
    return try whole.split(separator: 0x0A).filter { $0.range(of: mark) != nil }
      .compactMap { Write(try JSONValue(parsing: Array($0))) }
      .filter { $0.namespace.hasPrefix(prefix) }
      .sorted { ($0.began, $0.ended) < ($1.began, $1.ended) }
  }
}
