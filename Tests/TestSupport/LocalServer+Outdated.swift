/// Peers of versions that no package brings any more.
extension LocalServer {
  /// A PostgreSQL that lets everybody in, tells its version, and then says nothing more (protocol 3.0,
  /// PostgreSQL documentation, chapter "Message Formats").
  public static func postgres(version: String) -> LocalServer {
    func message(_ type: Character, _ body: [UInt8]) -> [UInt8] {
      let length = UInt32(body.count + 4)
      return [type.asciiValue!]
        + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + body
    }
    let greeting =
      message("R", [0, 0, 0, 0])
      + message("S", Array("server_version\0\(version)\0".utf8))
      // It takes writes, as `target_session_attrs` asks.
      + message("S", Array("in_hot_standby\0off\0".utf8))
      + message("S", Array("default_transaction_read_only\0off\0".utf8))
      + message("Z", Array("I".utf8))
    return LocalServer { connection in
      while let bytes = read(connection) {
        // Requests for encryption (80877103, 80877104) are eight bytes; a startup message is longer.
        write(connection, bytes.count == 8 ? Array("N".utf8) : greeting)
      }
    }
  }

  /// A Redis that gives the answers in turn, one per request.
  public static func redis(_ answers: [String]) -> LocalServer {
    LocalServer { connection in
      for answer in answers {
        guard read(connection) != nil else { return }
        write(connection, Array(answer.utf8))
      }
      while read(connection) != nil {}
    }
  }
}
