internal import Crypto
internal import HotConfig

/// A value as readers get it, encoded once for all of them.
struct ConfigEntry: Sendable, Equatable {
  /// `"threshold":{"value":0.8,"type":"number","version":5,"org_id":7,"changed_us":1763890000000000}`
  let json: [UInt8]
  /// Of the bytes. Sums of these tell documents apart, see `ConfigView`.
  let digest: UInt128

  /// - Returns: `nil` for a tombstone: to readers the key is not there.
  init?(_ key: ConfigValue.Key, _ value: ConfigValue?) {
    guard let value, let text = value.text else { return nil }
    var json: [UInt8] = []
    JSONText.append(key.key, to: &json)
    json += #":{"value":"#.utf8
    json += JSONText.value(text, type: value.type)
    json += #","type":"#.utf8
    JSONText.append(value.type, to: &json)
    json +=
      #","version":\#(value.version),"org_id":\#(key.orgID),"changed_us":\#(value.changedMicroseconds)}"#
      .utf8
    self.json = json
    digest = Self.digest(of: json)
  }

  static func == (a: ConfigEntry, b: ConfigEntry) -> Bool { a.digest == b.digest }

  /// Half of the bytes' SHA-256.
  static func digest(of bytes: [UInt8]) -> UInt128 {
    SHA256.hash(data: bytes).prefix(16).reduce(0) { $0 << 8 | UInt128($1) }
  }
}
