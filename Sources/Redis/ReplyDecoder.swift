internal import CHiredis

/// hiredis's reader: bytes in, answers out. The only owner of a `redisReader`.
struct ReplyDecoder: ~Copyable {
  private let reader: UnsafeMutablePointer<redisReader>

  init() {
    reader = redisReaderCreate()
  }

  deinit { redisReaderFree(reader) }

  /// Takes bytes as they come from the wire.
  mutating func feed(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    // What goes wrong shows at the next `next()`.
    redisReaderFeed(reader, start.assumingMemoryBound(to: CChar.self), bytes.count)
  }

  /// The next complete answer; `nil` if more bytes are needed.
  /// - Throws: `RedisError` of kind `protocol`; the reader is of no use afterwards.
  mutating func next() throws(RedisError) -> RedisValue? {
    var reply: UnsafeMutableRawPointer?
    guard redisReaderGetReply(reader, &reply) == REDIS_OK else {
      throw RedisError(kind: .protocol, message: "an answer that is no RESP")
    }
    guard let reply else { return nil }
    defer { freeReplyObject(reply) }
    return try Self.value(reply.assumingMemoryBound(to: redisReply.self))
  }

  private static func value(
    _ reply: UnsafeMutablePointer<redisReply>
  ) throws(RedisError) -> RedisValue {
    let reply = reply.pointee
    func bytes() -> [UInt8] {
      Array(UnsafeRawBufferPointer(start: reply.str, count: Int(reply.len)))
    }
    switch reply.type {
    case REDIS_REPLY_STRING: return .bulk(bytes())
    case REDIS_REPLY_STATUS: return .simple(String(decoding: bytes(), as: UTF8.self))
    case REDIS_REPLY_ERROR: return .error(String(decoding: bytes(), as: UTF8.self))
    case REDIS_REPLY_INTEGER: return .integer(reply.integer)
    case REDIS_REPLY_NIL: return .bulk(nil)
    case REDIS_REPLY_ARRAY:
      var elements: [RedisValue] = []
      for index in 0..<Int(reply.elements) {
        if let element = reply.element[index] { elements.append(try value(element)) }
      }
      return .array(elements)
    default:
      throw RedisError(kind: .protocol, message: "an answer of unknown type \(reply.type)")
    }
  }
}
