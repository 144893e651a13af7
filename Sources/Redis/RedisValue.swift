/// An answer of Redis (RESP 2, https://redis.io/docs/latest/develop/reference/protocol-spec/).
public enum RedisValue: Sendable, Equatable {
  case simple(String)
  case error(String)
  case integer(Int64)
  /// `nil` is the null answer.
  case bulk([UInt8]?)
  /// `nil` is the null answer.
  case array([RedisValue]?)

  /// The text of a simple or bulk answer.
  public var string: String? {
    switch self {
    case .simple(let text): text
    case .bulk(let bytes?): String(decoding: bytes, as: UTF8.self)
    case .error, .integer, .bulk(nil), .array: nil
    }
  }
}
