internal import Crypto
internal import FoundationEssentials
internal import SQLScript

/// SHA-256 of statements without comments and white space, one behind the other.
struct CodeHash {
  private var hash = SHA256()

  init(_ steps: ArraySlice<Script.Step> = []) {
    for step in steps { add(step) }
  }

  mutating func add(_ step: Script.Step) {
    hash.update(data: step.statement.code)
    hash.update(data: [0x0A])
    if let data = step.data { hash.update(data: data.bytes) }
  }

  /// Of those so far, in hexadecimal digits.
  var text: String { Hash(hash.finalize()).description }
}
