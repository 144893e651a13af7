internal import Glibc

/// Lends optional strings to C as an array of pointers; `nil` becomes a null pointer.
func withCStrings<Value>(
  _ strings: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Value
) -> Value {
  let copies = strings.map { string in string.map { UnsafePointer(strdup($0)!) } }
  defer { for copy in copies { free(UnsafeMutablePointer(mutating: copy)) } }
  return copies.withUnsafeBufferPointer { body($0.baseAddress) }
}
