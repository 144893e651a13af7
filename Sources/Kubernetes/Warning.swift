/// What a `Warning` header says (RFC 7234, section 5.5: `299 - "text"`, as the API server writes it).
enum Warning {
  /// The texts, without code, agent and date; a header of another form as it is.
  static func texts(_ header: String) -> [String] {
    var texts: [String] = []
    var text: String?
    var isEscaped = false
    for character in header {
      switch (text, character) {
      case (nil, "\""): text = ""
      case (nil, _): continue
      case (_?, _) where isEscaped:
        text?.append(character)
        isEscaped = false
      case (_?, "\\"): isEscaped = true
      case (let whole?, "\""):
        // A second one, after a text, is its date.
        if !whole.isEmpty, !isDate(whole) { texts.append(whole) }
        text = nil
      case (_?, _): text?.append(character)
      }
    }
    return texts.isEmpty ? [header] : texts
  }

  private static func isDate(_ text: String) -> Bool { text.hasSuffix(" GMT") }
}
