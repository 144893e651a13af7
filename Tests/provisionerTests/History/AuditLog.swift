internal import Foundation
internal import Kubernetes
internal import Synchronization
internal import TestSupport

/// Reads what an API server writes down (scripts/stack.d/audit-policy.yaml) about namespaces whose names
/// begin so, from a moment on. What was read is not read again: all tests of a run write into it.
final class AuditLog: Sendable {
  private struct State {
    var offset: UInt64
    var writes: [Write] = []
  }

  private let path: String
  private let prefix: String
  private let state: Mutex<State>

  /// From now on.
  init(of cluster: Stack, prefix: String) {
    path = cluster.auditLog
    self.prefix = prefix
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    state = Mutex(State(offset: (attributes?[.size] as? UInt64) ?? 0))
  }

  /// The writes so far, in the order of their beginnings.
  func writes() throws -> [Write] {
    try state.withLock { state in
      let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? file.close() }
      try file.seek(toOffset: state.offset)
      let (lines, length) = lines(in: try file.readToEnd() ?? Data())
      let new = try lines.compactMap { Write(try JSONValue(parsing: $0)) }
        .filter { $0.namespace.hasPrefix(prefix) }
      state.offset += UInt64(length)
      state.writes += new
      // They are written down in the order of their ends.
      state.writes.sort { ($0.began, $0.ended) < ($1.began, $1.ended) }
      return state.writes
    }
  }

  /// Those lines that contain the prefix, and how many bytes all whole ones are: the last one may be half
  /// written. Found by the C library: megabytes of other tests' lines are passed over.
  private func lines(in data: Data) -> (lines: [[UInt8]], length: Int) {
    let newline = UInt8(ascii: "\n")
    let length = data.lastIndex(of: newline).map { $0 + 1 } ?? 0
    return (data.prefix(length) + [0]).withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else {
        return ([], 0)
      }
      var lines: [[UInt8]] = []
      var here = 0
      while let found = strstr(start + here, prefix) {
        var first = start.distance(to: found)
        let end = first + strcspn(found, "\n") + 1
        while first > here, bytes[first - 1] != newline { first -= 1 }
        here = end
        lines.append(Array(bytes[first..<here]))
      }
      return (lines, length)
    }
  }
}
