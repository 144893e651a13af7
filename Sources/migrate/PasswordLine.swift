/// A password as it is typed, on a terminal that hands over each key and treats none of them: so that
/// Ctrl-C is ours, and the terminal is put right before anybody acts on it.
struct PasswordLine {
  enum Action: Equatable {
    /// More is to come.
    case more
    /// It was ended with Enter.
    case done
    /// Ctrl-C, Ctrl-\, or Ctrl-D on an empty line.
    case interrupted
  }

  private var bytes: [UInt8] = []

  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func type(_ byte: UInt8) -> Action {
    switch byte {
    case 0x0A, 0x0D: return .done
    case 0x03, 0x1C: return .interrupted
    case 0x04: return bytes.isEmpty ? .interrupted : .more
    // Backspace takes back a character, which may be several bytes.
    case 0x08, 0x7F:
      while let last = bytes.popLast(), last & 0xC0 == 0x80 {}
    // Ctrl-U
    case 0x15: bytes.removeAll()
    default: bytes.append(byte)
    }
    return .more
  }
}
