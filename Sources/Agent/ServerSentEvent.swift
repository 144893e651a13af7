internal import NIOCore

/// Writes server-sent events (WHATWG HTML, "Server-sent events"), each as one chunk of an HTTP/1.1 body
/// (RFC 9112, section 7.1): the same bytes go to every reader.
enum ServerSentEvent {
  /// What a connection that is silent hears every `keepAlive` seconds.
  static let comment = chunk(": \n\n".utf8)
  /// Seconds between two comments.
  static let keepAlive = 15
  /// The end of a body.
  static let end = ByteBuffer(string: "0\r\n\r\n")

  /// An event.
  /// - Parameters:
  ///   - id: What the reader comes back with; `nil`: what it had before.
  ///   - data: On one line.
  static func bytes(event: String, id: String?, data: [UInt8]) -> [UInt8] {
    var bytes = Array("event: \(event)\n".utf8)
    if let id { bytes += "id: \(id)\n".utf8 }
    bytes += "data: ".utf8
    bytes += data
    bytes += "\n\n".utf8
    return bytes
  }

  /// How long the reader waits before it comes back.
  static func retry(milliseconds: Int) -> [UInt8] { Array("retry: \(milliseconds)\n\n".utf8) }

  /// As one chunk.
  static func chunk(_ bytes: some Collection<UInt8>) -> ByteBuffer {
    var buffer = ByteBuffer()
    buffer.reserveCapacity(bytes.count + 16)
    buffer.writeString(String(bytes.count, radix: 16))
    buffer.writeString("\r\n")
    buffer.writeBytes(bytes)
    buffer.writeString("\r\n")
    return buffer
  }
}
