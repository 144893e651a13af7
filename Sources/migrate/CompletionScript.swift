/// The completion scripts that ArgumentParser writes.
enum CompletionScript {
  /// In fish the short name of `-?` is a wildcard, and none that its argparse takes: the condition of every
  /// option would fail. Its long name is enough there.
  static func mended(_ script: String) -> String {
    script.replacing("'?/help'", with: "'help'").replacing("\" ? help'", with: "\" help'")
  }
}
