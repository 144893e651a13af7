internal import Glibc

/// A text that is compared by its bytes. `String` takes `é` in one code point for `é` in two, and the sign of
/// kelvin for the letter K; flags do not (docs/flags.md).
struct FlagText: Hashable, Sendable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (a: FlagText, b: FlagText) -> Bool { areSame(a.text, b.text) }

  func hash(into hasher: inout Hasher) {
    Self.withBytes(of: text) { hasher.combine(bytes: $0) }
  }

  /// Whether two texts have the same bytes.
  static func areSame(_ a: String, _ b: String) -> Bool {
    // Texts of other bytes may be equal; equal bytes are always equal texts, which is quickly told.
    a.utf8.count == b.utf8.count && a == b && a.utf8.elementsEqual(b.utf8)
  }

  /// Whether the bytes of `part` are somewhere in `text`.
  static func contains(_ text: String, _ part: String) -> Bool {
    withBytes(of: text) { text in
      withBytes(of: part) { part in
        guard let first = part.first, part.count <= text.count else { return part.isEmpty }
        var at = 0
        while let next = text[at...(text.count - part.count)].firstIndex(of: first) {
          if memcmp(text.baseAddress! + next, part.baseAddress!, part.count) == 0 { return true }
          guard next < text.count - part.count else { return false }
          at = next + 1
        }
        return false
      }
    }
  }

  /// Lends the bytes of a text, without copying them where it is a native one.
  static func withBytes<Value>(
    of text: String, _ body: (UnsafeRawBufferPointer) -> Value
  ) -> Value {
    text.utf8.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
      ?? Array(text.utf8).withUnsafeBytes(body)
  }
}
