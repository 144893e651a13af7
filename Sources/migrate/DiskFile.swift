internal import Glibc

/// Files of this machine, with the reason where one cannot be read or written.
enum DiskFile {
  /// Reads a file of the project.
  /// - Throws: `MigrateFailure` of code `usage`.
  static func read(_ path: String) throws -> [UInt8] {
    try read(openFile(path, as: path), path)
  }

  /// Reads whatever is there, also a pipe.
  /// - Throws: `MigrateFailure` of code `usage`.
  static func readStream(_ path: String) throws -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw failure("read", path) }
    return try read(file, path)
  }

  /// Opens a file of the project, and nothing else: a pipe would be waited for.
  /// - Parameters:
  ///   - folder: A descriptor; else where the process stands.
  ///   - name: How it is called in the failure.
  /// - Throws: `MigrateFailure` of code `usage`.
  static func openFile(
    _ path: UnsafePointer<CChar>, in folder: Int32 = AT_FDCWD, as name: @autoclosure () -> String
  ) throws -> Int32 {
    let file = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    var status = stat()
    // A socket cannot be opened at all.
    if file >= 0
      ? fstat(file, &status) == 0 : errno == ENXIO && fstatat(folder, path, &status, 0) == 0
    {
      if status.st_mode & S_IFMT == S_IFREG { return file }
      if file >= 0 { close(file) }
      throw noFile(name(), status.st_mode)
    }
    throw unreadable(name())
  }

  private static func noFile(_ path: String, _ mode: mode_t) -> MigrateFailure {
    let what =
      switch mode & S_IFMT {
      case S_IFDIR: String(cString: strerror(EISDIR))
      case S_IFIFO: "Is a pipe"
      case S_IFSOCK: "Is a socket"
      default: "Is a device"
      }
    return MigrateFailure(
      code: .usage, message: "cannot read \(path): \(what)",
      lines: ["HINT: a file is expected there; put what it is elsewhere."])
  }

  /// Why `errno` has it, of a file or a folder of the project.
  static func unreadable(_ path: String) -> MigrateFailure {
    var failure = failure("read", path)
    switch errno {
    case EACCES, EPERM:
      failure.lines = [
        "HINT: let the user with id \(geteuid()) read it, and enter the folders above it; ls -ld shows who may."
      ]
    case ENOENT, ENOTDIR:
      failure.lines = [
        "HINT: it has gone meanwhile, or is a link to nothing; bring it back, or remove the link."
      ]
    case ELOOP: failure.lines = ["HINT: its links lead in a circle; put the file itself there."]
    default: break
    }
    return failure
  }

  /// Reads to the end, and closes.
  private static func read(_ file: Int32, _ path: String) throws -> [UInt8] {
    defer { close(file) }
    var status = stat()
    var bytes: [UInt8] = []
    if fstat(file, &status) == 0 { bytes.reserveCapacity(max(0, Int(status.st_size))) }
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      switch count {
      case 0: return bytes
      case 1...: bytes += buffer[..<count]
      case _ where errno == EINTR: continue
      default: throw failure("read", path)
      }
    }
  }

  /// Makes a file: of two who do that at the same time one gets it. Nothing is left of one that could not be
  /// written to its end.
  /// - Throws: `MigrateFailure` of code `usage`.
  /// - Parameter name: How it is called in the failure; `nil`: by its path.
  static func create(_ bytes: [UInt8], at path: String, as name: String? = nil) throws {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard file >= 0 else { throw failure("write", name ?? path) }
    do {
      try fill(file, bytes, name ?? path)
    } catch {
      unlink(path)
      throw error
    }
  }

  /// Puts a file in the place of another one as a whole: a full disk leaves the old one as it was. A device,
  /// like /dev/stdout, is written to, behind what is there.
  /// - Throws: `MigrateFailure` of code `usage`.
  static func replace(_ path: String, with bytes: [UInt8]) throws {
    var status = stat()
    let isThere = stat(path, &status) == 0
    // Standard output may well be a file, and /dev/stdout a link to it.
    if path.hasPrefix("/dev/") || path.hasPrefix("/proc/")
      || isThere && status.st_mode & S_IFMT != S_IFREG
    {
      let file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
      guard file >= 0 else { throw failure("write", path) }
      return try fill(file, bytes, path)
    }
    // A link stays one.
    let target = real(path) ?? path
    let new = "\(target).\(getpid())"
    try create(bytes, at: new, as: path)
    guard rename(new, target) == 0 else {
      let failure = failure("write", path)
      unlink(new)
      throw failure
    }
  }

  /// Whether something has that name, be it a link to nothing: what cannot be reached is not absent.
  /// - Throws: `MigrateFailure` of code `usage` if that cannot be told.
  static func isThere(_ path: String) throws -> Bool {
    var status = stat()
    if lstat(path, &status) == 0 { return true }
    guard errno == ENOENT || errno == ENOTDIR else { throw failure("read", path) }
    return false
  }

  /// A path without links and detours; `nil` if there is nothing.
  static func real(_ path: String) -> String? {
    guard let text = realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }

  /// Writes, and closes.
  private static func fill(_ file: Int32, _ bytes: [UInt8], _ path: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        let failure = failure("write", path)
        close(file)
        throw failure
      }
    }
    // A quota may be told of here only.
    guard close(file) == 0 else { throw failure("write", path) }
  }

  /// Why `errno` has it.
  static func failure(_ verb: String, _ path: String) -> MigrateFailure {
    MigrateFailure(
      code: .usage, message: "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
  }
}
