/// Why a script cannot be read.
public struct ScriptError: Error, Sendable, Equatable {
  /// What is wrong.
  public var message: String
  /// What to do about it.
  public var hint: String?
  /// Where, in bytes of the script from 0.
  public var offset: Int

  init(_ message: String, at offset: Int, hint: String?) {
    self.message = message
    self.offset = offset
    self.hint = hint
  }
}
