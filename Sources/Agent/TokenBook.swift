internal import Crypto
internal import FoundationEssentials

/// The bearer tokens of a listener, and what each may see. Holds their SHA-256 only.
struct TokenBook: Sendable, Equatable {
  /// Of a token.
  typealias Digest = [UInt8]

  /// Fewer characters can be guessed.
  static let shortest = 32

  private(set) var scopes: [Digest: AgentScope] = [:]
  /// Files that are no organisation's, and lines too short for a token.
  private(set) var passedOver: [String] = []

  init() {}

  /// Reads a folder: the file `7` has the tokens of organisation 7, one a line; the file `all` those
  /// that may see everything. Names that begin with a dot are passed over (Kubernetes has such in the
  /// folder of a Secret). Blocks.
  init(folder: String) throws {
    // What stands in two files stays nobody's, however often it comes again.
    var ambiguous: Set<Digest> = []
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    for name in names.sorted() where !name.hasPrefix(".") {
      guard let scope = Self.scope(file: name) else {
        passedOver.append(name)
        continue
      }
      let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
      for line in text.split(whereSeparator: \.isWhitespace) {
        guard line.utf8.count >= Self.shortest else {
          passedOver.append(name)
          continue
        }
        let digest = Self.digest(String(line))
        // In two files: that could be anybody's.
        if ambiguous.contains(digest) || scopes[digest, default: scope] != scope {
          scopes[digest] = nil
          ambiguous.insert(digest)
          passedOver.append(name)
        } else {
          scopes[digest] = scope
        }
      }
    }
  }

  /// The digest of the token in an `Authorization` header (RFC 6750, section 2.1).
  ///
  /// What is compared is a digest, which nobody can choose: how long it takes tells nothing of the
  /// token.
  static func digest(authorization: String) -> Digest? {
    let words = authorization.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
    return digest(String(words[1]))
  }

  private static func digest(_ token: String) -> Digest {
    Array(SHA256.hash(data: Array(token.utf8)))
  }

  private static func scope(file: String) -> AgentScope? {
    if file == "all" { return .everything }
    guard let orgID = Int64(file), orgID > 0, String(orgID) == file else { return nil }
    return .organization(orgID)
  }
}
