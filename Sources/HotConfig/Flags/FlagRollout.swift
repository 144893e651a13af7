internal import Crypto

/// The shares of a rollout, and by which attribute somebody stays in his.
struct FlagRollout: Sendable {
  var by: FlagAttribute
  /// Variants, by their place in the definition, and where their share ends, in thousandths of a percent.
  var shares: [(variant: Int, end: Int)]

  /// The share that the question falls into; `nil` if there is no subject: not given, no text, or empty.
  func variant(_ question: FlagQuestion, prefix: [UInt8]) -> Int? {
    guard case .string(let subject) = question.value(of: by), !subject.isEmpty else { return nil }
    let bucket = Self.bucket(prefix: prefix, subject)
    return shares.first { bucket < $0.end }?.variant
  }

  /// Where a subject stands, 0 to 99999 (docs/flags.md).
  /// - Parameter prefix: See `prefix(key:salt:)`.
  static func bucket(prefix: [UInt8], _ subject: String) -> Int {
    FlagText.withBytes(of: subject) { subject in
      withUnsafeTemporaryAllocation(byteCount: prefix.count + subject.count, alignment: 1) { text in
        text.copyBytes(from: prefix)
        UnsafeMutableRawBufferPointer(rebasing: text[prefix.count...]).copyMemory(from: subject)
        var hash = SHA256()
        hash.update(bufferPointer: UnsafeRawBufferPointer(text))
        return hash.finalize().withUnsafeBytes {
          Int(UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) % 100_000)
        }
      }
    }
  }

  /// What the hash of every subject of a flag begins with.
  static func prefix(key: String, salt: String) -> [UInt8] { Array("\(key).\(salt).".utf8) }
}
