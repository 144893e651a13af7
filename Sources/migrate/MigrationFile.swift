/// One SQL file, as it was when it was looked at first. What is in it is not kept: of ten thousand files that
/// are applied, nobody needs it.
struct MigrationFile: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    /// Applied once; the number decides the order.
    case versioned(Int)
    /// Applied again when it changes; MANIFEST decides the order.
    case repeatable
    /// Asked after every `migrate up`; changes nothing and is recorded nowhere.
    case checks
  }

  let kind: Kind
  /// Path below the SQL folder, as it is recorded and shown.
  let path: String
  private let fingerprint: Fingerprint
  /// The SQL folder.
  private let folder: String

  init(kind: Kind, path: String, fingerprint: Fingerprint, in folder: String) {
    self.kind = kind
    self.path = path
    self.fingerprint = fingerprint
    self.folder = folder
  }

  /// Looks at a file.
  /// - Throws: `MigrateFailure` of code `usage` if it cannot be read, or says of itself what it must not.
  init(kind: Kind, path: String, in folder: String) throws {
    let bytes = try DiskFile.read("\(folder)/\(path)")
    _ = try bytes.withUnsafeBufferPointer {
      try FileText.headers(of: $0, kind: kind, path: path)
    }
    self.init(
      kind: kind, path: path, fingerprint: bytes.withUnsafeBytes(Fingerprint.init(of:)),
      in: folder)
  }

  /// The number of a versioned file.
  var version: Int? {
    if case .versioned(let number) = kind { return number }
    return nil
  }

  /// Reads it.
  /// - Throws: `MigrateFailure` of code `usage` if it is not what it was when it was looked at first, or has
  ///   gone.
  func read() throws -> FileText {
    let hint = "HINT: run migrate again when the file is as it is to be."
    let bytes: [UInt8]
    do {
      bytes = try DiskFile.read("\(folder)/\(path)")
    } catch var failure as MigrateFailure {
      failure.lines.append(hint)
      throw failure
    }
    guard bytes.withUnsafeBytes(Fingerprint.init(of:)) == fingerprint else {
      throw MigrateFailure(
        code: .usage, message: "\(path) was changed while migrate ran", lines: [hint])
    }
    return try FileText(bytes, of: self)
  }
}
