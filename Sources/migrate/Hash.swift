internal import Crypto

/// A hash as the ledger has it: 64 hexadecimal digits, kept in half of them.
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
    var text = text
    storage = text.withUTF8(Self.sha256) ?? .text(text)
  }

  private static func sha256(_ digits: UnsafeBufferPointer<UInt8>) -> Storage? {
    guard digits.count == 64 else { return nil }
    // Without branches, which nobody could foretell: it is done thrice for each row of a history.
    var isWrong: UInt8 = 0
    func word(_ index: Int) -> UInt64 {
      var word: UInt64 = 0
      for digit in digits[index * 16..<index * 16 + 16] {
        isWrong |= (digit &- 0x30 > 9 ? 1 : 0) & (digit &- 0x61 > 5 ? 1 : 0)
        word = word << 4 | UInt64((digit & 15) &+ (digit >> 6) &* 9)
      }
      return word
    }
    let storage = Storage.sha256(word(0), word(1), word(2), word(3))
    return isWrong == 0 ? storage : nil
  }

  init(stringLiteral value: String) { self.init(value) }

  /// `nil` if it is no SHA-256.
  var firstHalf: (UInt64, UInt64)? {
    if case .sha256(let first, let second, _, _) = storage { return (first, second) }
    return nil
  }

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
