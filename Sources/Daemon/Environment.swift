internal import Glibc

/// The process's environment.
public enum Environment {
  /// A variable's value; `nil` if it is unset or empty.
  public static subscript(_ name: String) -> String? {
    guard let value = getenv(name) else { return nil }
    let text = String(cString: value)
    return text.isEmpty ? nil : text
  }
}
