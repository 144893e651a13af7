internal import Crypto

/// A hash as the ledger has it: 64 hexadecimal digits, kept in half of them, since there are some for every
/// file that was ever applied.
struct Hash: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  private enum Storage: Sendable, Hashable {
    case sha256(UInt64, UInt64, UInt64, UInt64)
    /// Whatever else stands there.
    case text(String)
  }

  private let storage: Storage

  init(_ digest: SHA256.Digest) {
    storage = digest.withUnsafeBytes { bytes in
      func word(_ index: Int) -> UInt64 {
        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
      }
      return .sha256(word(0), word(1), word(2), word(3))
    }
  }

  /// SHA-256 of bytes.
  init(of bytes: [UInt8]) { self.init(SHA256.hash(data: bytes)) }

  init(_ text: String) {
    let digits = text.utf8
    func word(_ index: Int) -> UInt64? {
      let start = digits.index(digits.startIndex, offsetBy: index * 16)
      let part = digits[start..<digits.index(start, offsetBy: 16)]
      var word: UInt64 = 0
      for digit in part {
        switch digit {
        case 0x30...0x39: word = word << 4 | UInt64(digit - 0x30)
        case 0x61...0x66: word = word << 4 | UInt64(digit - 0x57)
        default: return nil
        }
      }
      return word
    }
    if digits.count == 64, let a = word(0), let b = word(1), let c = word(2), let d = word(3) {
      storage = .sha256(a, b, c, d)
    } else {
      storage = .text(text)
    }
  }

  init(stringLiteral value: String) { self.init(value) }

  var isEmpty: Bool { storage == .text("") }

  var description: String {
    switch storage {
    case .text(let text): return text
    case .sha256(let a, let b, let c, let d):
      let digits = Array("0123456789abcdef".utf8)
      var text: [UInt8] = []
      text.reserveCapacity(64)
      for word in [a, b, c, d] {
        for shift in stride(from: 60, through: 0, by: -4) {
          text.append(digits[Int(word >> UInt64(shift) & 15)])
        }
      }
      return String(decoding: text, as: UTF8.self)
    }
  }
}
