internal import HotConfig
internal import NIOCore

/// A service's configuration as a reader gets it, by HTTP and in the file.
struct ConfigDocument: Sendable {
  /// JSON and a line end.
  let body: ByteBuffer
  /// Strong (RFC 9110, section 8.8.3): the same tag, the same bytes.
  let etag: String
  let state: ConfigState
}

/// What a document begins with.
struct ConfigHeader: Sendable {
  let service: String
  let scope: AgentScope
  let epoch: Int64
  let state: ConfigState

  /// Members without braces.
  var json: [UInt8] {
    var json = Array(#""format":1,"service":"#.utf8)
    JSONText.append(service, to: &json)
    json += #","epoch":\#(epoch),"state":"\#(state.name)""#.utf8
    if case .organization(let orgID) = scope { json += #","org_id":\#(orgID)"#.utf8 }
    return json
  }
}

extension ServiceIndex {
  /// The document of a scope.
  func document(_ header: ConfigHeader) -> [UInt8] {
    var json = Array("{".utf8) + header.json
    switch header.scope {
    case .organization(let orgID):
      json += #","values":"#.utf8
      Self.append(effective(orgID), to: &json)
    case .everything:
      json += #","organizations":{"#.utf8
      var isFirst = true
      for (orgID, entries) in organizations.sorted(by: { $0.key < $1.key }) where !entries.isEmpty {
        json += "\(isFirst ? "" : ",")\"\(orgID)\":".utf8
        Self.append(entries, to: &json)
        isFirst = false
      }
      json.append(UInt8(ascii: "}"))
    }
    json.append(UInt8(ascii: "}"))
    return json
  }

  private static func append(_ entries: Entries, to json: inout [UInt8]) {
    json.append(UInt8(ascii: "{"))
    var isFirst = true
    for (_, entry) in entries.sorted(by: { $0.key < $1.key }) {
      if !isFirst { json.append(UInt8(ascii: ",")) }
      json += entry.json
      isFirst = false
    }
    json.append(UInt8(ascii: "}"))
  }
}
