internal import Crypto

/// The first half of the SHA-256 of a file's bytes: 128 bits tell files apart, and of a file that is applied
/// nothing else is kept.
struct Fingerprint: Sendable, Hashable {
  private let high: UInt64
  private let low: UInt64

  init(of bytes: UnsafeRawBufferPointer) {
    var hash = SHA256()
    hash.update(bufferPointer: bytes)
    (high, low) = hash.finalize().withUnsafeBytes { digest in
      (
        UInt64(bigEndian: digest.loadUnaligned(as: UInt64.self)),
        UInt64(bigEndian: digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  /// `nil` if it is no SHA-256.
  init?(_ hash: Hash) {
    guard let (high, low) = hash.firstHalf else { return nil }
    self.high = high
    self.low = low
  }
}
