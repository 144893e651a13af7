/// The files of `migrations/`, by number. Kept of each are its name and two fingerprints, some seventy bytes, so
/// that a long history takes next to no memory; the rest is read again of the few that are to be applied, or
/// are not what was applied.
struct VersionedFiles: Sendable, RandomAccessCollection {
  /// The SQL folder.
  private let folder: String
  private var names: NameList
  private var fingerprints: [Fingerprint]
  /// The same with `\n` in place of `\r\n`.
  private var unixFingerprints: [Fingerprint]

  /// None.
  init() {
    folder = ""
    names = NameList()
    fingerprints = []
    unixFingerprints = []
  }

  /// Reads and checks what lies in `migrations/`.
  /// - Throws: `MigrateFailure` of code `usage`; `SharedNumber`.
  init(in folder: String) throws {
    self.folder = folder
    names = try MigrationFiles.names(in: folder)
    fingerprints = []
    unixFingerprints = []
    for index in names.indices where names.withBytes(at: index, FileName.number) == nil {
      throw MigrateFailure(
        code: .usage, message: "migrations/\(names[index]) is not named NNNN_verb_object.sql",
        lines: ["HINT: what lies in migrations/ is applied: rename it, or put it elsewhere."])
    }
    names.sort {
      let (first, second) = (FileName.digits(of: $0), FileName.digits(of: $1))
      return first == second ? $0.lexicographicallyPrecedes($1) : first < second
    }
    for index in indices.dropFirst() where number(at: index) == number(at: index - 1) {
      let number = number(at: index)
      throw SharedNumber(
        number: number,
        paths: indices.filter { self.number(at: $0) == number }.map { Self.path(names[$0]) })
    }
    guard !names.isEmpty else { return }
    fingerprints.reserveCapacity(names.count)
    unixFingerprints.reserveCapacity(names.count)
    var text: [UInt8] = []
    var reader = try FolderReader("\(folder)/migrations")
    for index in names.indices {
      let (fingerprint, unix) = try names.withBytes(at: index) { name in
        try reader.read(name) { bytes in
          _ = try FileText.headers(
            of: bytes, kind: .versioned(FileName.digits(of: name)),
            path: Self.path(String(decoding: name, as: UTF8.self)))
          let fingerprint = Fingerprint(of: UnsafeRawBufferPointer(bytes))
          guard FileText.hasWindowsLineEnds(bytes) else { return (fingerprint, fingerprint) }
          FileText.changeLineEnds(bytes, into: &text)
          return (fingerprint, text.withUnsafeBytes(Fingerprint.init(of:)))
        }
      }
      fingerprints.append(fingerprint)
      unixFingerprints.append(unix)
    }
  }

  var startIndex: Int { 0 }
  var endIndex: Int { names.count }

  subscript(index: Int) -> MigrationFile {
    MigrationFile(
      kind: .versioned(number(at: index)), path: Self.path(names[index]),
      fingerprint: fingerprints[index], in: folder)
  }

  /// Some of them, in that order.
  func selecting(_ indexes: [Int]) -> VersionedFiles {
    var files = self
    files.names = names.selecting(indexes)
    files.fingerprints = indexes.map { fingerprints[$0] }
    files.unixFingerprints = indexes.map { unixFingerprints[$0] }
    return files
  }

  func number(at index: Int) -> Int { names.withBytes(at: index, FileName.digits) }

  func index(of number: Int) -> Int? {
    var range = indices
    while !range.isEmpty {
      let middle = (range.lowerBound + range.upperBound) / 2
      let found = self.number(at: middle)
      if found == number { return middle }
      range = found < number ? middle + 1..<range.upperBound : range.lowerBound..<middle
    }
    return nil
  }

  /// Whether a row of the ledger tells of the file as it is, or as it was checked out on another system.
  func isSame(_ index: Int, as entry: Ledger.Entry) -> Bool {
    guard let applied = entry.rawHash.flatMap(Fingerprint.init) else { return false }
    guard
      applied == fingerprints[index] || applied == unixFingerprints[index]
        || isSameAsWindows(index, applied)
    else { return false }
    return entry.path == Self.path(names[index])
  }

  /// Whether it was applied with `\r\n` in place of `\n`. It is rare, and so costs a look at the file.
  private func isSameAsWindows(_ index: Int, _ applied: Fingerprint) -> Bool {
    guard unixFingerprints[index] == fingerprints[index],
      let bytes = try? DiskFile.read("\(folder)/\(Self.path(names[index]))"),
      bytes.withUnsafeBytes(Fingerprint.init(of:)) == fingerprints[index]
    else { return false }
    var text: [UInt8] = []
    bytes.withUnsafeBufferPointer { FileText.changeLineEnds($0, into: &text) }
    return text.withUnsafeBytes(Fingerprint.init(of:)) == applied
  }

  /// The files with the numbers next to one that none has.
  func neighbours(of number: Int) -> [String] {
    let next = indices.first { self.number(at: $0) > number } ?? endIndex
    return [next - 1, next].filter(indices.contains).map { Self.path(names[$0]) }
  }

  private static func path(_ name: String) -> String { "migrations/\(name)" }
}
