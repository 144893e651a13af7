internal import Glibc
internal import Testing

@testable internal import migrate

/// Names, numbers, MANIFEST, hashes: what is refused before anything runs.
struct FilesTests {
  private func refusal(_ files: [String: String]) throws -> MigrateFailure? {
    let folder = try SQLFolder(files)
    return #expect(throws: MigrateFailure.self) { _ = try MigrationFiles.load(from: folder.path) }
  }

  /// What cannot be reached is not absent: without a MANIFEST, `--prune` would drop what it names.
  @Test(arguments: ["MANIFEST", "checks.sql", "migrations"])
  func aLinkToNothingIsAnError(name: String) throws {
    let folder = try SQLFolder()
    #expect(symlink("\(folder.path)/nothing", "\(folder.path)/\(name)") == 0)
    let failure = #expect(throws: MigrateFailure.self) {
      _ = try MigrationFiles.load(from: folder.path)
    }
    #expect(failure?.code == .usage)
    #expect(
      failure?.message.hasPrefix("cannot read \(folder.path)/\(name): ") == true, "\(failure!)")
  }

  @Test func filesComeInTheirOrder() throws {
    let folder = try SQLFolder([
      "migrations/0002_create_b.sql": "b", "migrations/0001_create_a.sql": "a",
      "migrations/.hidden": "", "functions/z.sql": "", "functions/b/two.sql": "",
      "functions/b/one.sql": "", "functions/b/notes.md": "", "rls/p.sql": "", "views/v.sql": "",
      "MANIFEST": "# order\nviews/v.sql  # first\n\nfunctions/z.sql\nfunctions\nrls\n",
    ])
    let files = try MigrationFiles.load(from: folder.path)
    #expect(
      files.versioned.map(\.path) == [
        "migrations/0001_create_a.sql", "migrations/0002_create_b.sql",
      ])
    #expect(files.versioned.map(\.kind) == [.versioned(1), .versioned(2)])
    #expect(
      files.repeatable.map(\.path) == [
        "views/v.sql", "functions/z.sql", "functions/b/one.sql", "functions/b/two.sql", "rls/p.sql",
      ])
  }

  @Test func anEmptyFolderHasNoFiles() throws {
    let folder = try SQLFolder()
    let files = try withExtendedLifetime(folder) { try MigrationFiles.load(from: folder.path) }
    #expect(files.versioned.isEmpty && files.repeatable.isEmpty)
  }

  @Test(arguments: [
    "0000_create_a.sql", "1_create_a.sql", "0001_Create_a.sql", "0001_create.sql",
    "0001_create_.sql",
    "0001_create_a.sql.bak", "0001_create_a", "0001create_a.sql", "0001_.sql", "0001.sql",
    "README.md",
    // No number that could not be followed by another one.
    "9223372036854775807_create_a.sql",
  ])
  func namesAreChecked(name: String) throws {
    #expect(FileName(name) == nil)
    let failure = try refusal(["migrations/0001_create_b.sql": "", "migrations/\(name)": ""])
    #expect(failure?.code == .usage)
    #expect(failure?.message == "migrations/\(name) is not named NNNN_verb_object.sql")
  }

  @Test func aNameIsItsParts() {
    #expect(FileName("0042_create_a.sql") == FileName(number: 42, title: "create_a"))
    #expect(
      FileName("999999999999999999_a_2.sql")
        == FileName(number: 999_999_999_999_999_999, title: "a_2", width: 18))
    #expect(FileName("000001_create_a_b2.sql")?.text == "000001_create_a_b2.sql")
  }

  @Test(arguments: [
    ("functions/a.sql\n", "MANIFEST does not name functions/b.sql"),
    ("functions\nrls/none.sql\n", "MANIFEST:2: rls/none.sql is no file"),
    ("functions\nmigrations\n", "MANIFEST:2: migrations"),
  ])
  func manifestIsChecked(manifest: String, message: String) throws {
    let failure = try refusal([
      "MANIFEST": manifest, "functions/a.sql": "", "functions/b.sql": "",
      "migrations/0001_create_a.sql": "",
    ])
    #expect(failure?.code == .usage)
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }

  @Test func functionsWithoutAManifestAreForgottenOnes() throws {
    let failure = try refusal(["functions/a.sql": ""])
    #expect(failure?.message == "MANIFEST does not name functions/a.sql")
  }

  /// However a folder or a file is written, it is the same one; and a byte order mark is none of a name.
  @Test(arguments: ["views/\nf\n", "./views\n./f/./a.sql\n", "\u{FEFF}views\r\nf//a.sql\r\n"])
  func manifestsPathsAreTheFiles(manifest: String) throws {
    let folder = try SQLFolder(["MANIFEST": manifest, "views/v.sql": "", "f/a.sql": ""])
    #expect(
      try MigrationFiles.load(from: folder.path).repeatable.map(\.path) == [
        "views/v.sql", "f/a.sql",
      ])
  }

  @Test func aManifestThatCannotBeReadIsNoEmptyOne() throws {
    let folder = try SQLFolder(["MANIFEST/x": ""])
    let failure = #expect(throws: MigrateFailure.self) {
      _ = try MigrationFiles.load(from: folder.path)
    }
    #expect(failure?.message == "cannot read \(folder.path)/MANIFEST: Is a directory")
  }

  /// Who names migrations/ itself would be told that there is nothing to do.
  @Test func theFolderOfTheMigrationsIsNotTheSQLFolder() throws {
    let folder = try SQLFolder(["migrations/0001_create_a.sql": "SELECT 1;"])
    let path = "\(folder.path)/migrations"
    let message = "\(path)/0001_create_a.sql does not lie in a folder migrations/"
    let loaded = #expect(throws: MigrateFailure.self) { _ = try MigrationFiles.load(from: path) }
    #expect(loaded?.message == message)
    let new = #expect(throws: MigrateFailure.self) { _ = try MigrationFiles.names(in: path) }
    #expect(new?.message == message)
  }

  @Test func aFolderThatIsNotThereIsSaidSo() {
    let failure = #expect(throws: MigrateFailure.self) {
      _ = try MigrationFiles.load(from: "/nowhere/sql")
    }
    #expect(failure?.message == "no folder /nowhere/sql")
  }

  @Test func numbersMayHaveGaps() throws {
    let folder = try SQLFolder([
      "migrations/0003_create_c.sql": "", "migrations/20260101120000_create_d.sql": "",
    ])
    #expect(
      try MigrationFiles.load(from: folder.path).versioned.map(\.version) == [
        3, 20_260_101_120_000,
      ])
  }

  // MARK: Headers

  @Test(arguments: ["no-transaction", "out-of-order-ok"])
  func aRepeatableFileIsAppliedWithTheOthers(header: String) throws {
    let failure = try refusal(["MANIFEST": "v", "v/a.sql": "-- migrate: \(header)\n"])
    #expect(failure?.message.contains("in one transaction with the others") == true)
  }

  // MARK: Hashes

  private func file(_ text: String) throws -> FileText { try file(Array(text.utf8)) }

  private func file(_ bytes: [UInt8]) throws -> FileText {
    let fingerprint = bytes.withUnsafeBytes(Fingerprint.init(of:))
    return try FileText(
      bytes,
      of: MigrationFile(kind: .repeatable, path: "f.sql", fingerprint: fingerprint, in: ""))
  }

  @Test(arguments: [
    "SELECT 1;\r\nSELECT 2;\r\n", "SELECT 1;  \nSELECT 2;\t\n", "SELECT 1;\nSELECT 2;",
    "SELECT 1;\nSELECT 2;\n\n \n", "\u{FEFF}SELECT 1;\nSELECT 2;\n",
  ])
  func whatAnEditorChangesDoesNotCount(text: String) throws {
    let original = try file("SELECT 1;\nSELECT 2;\n")
    #expect(try file(text).hash == original.hash)
    #expect(try file(text).rawHash != original.rawHash)
  }

  @Test(arguments: [
    "SELECT 1;\n SELECT 2;\n", "SELECT 1;\n\nSELECT 2;\n", "select 1;\nSELECT 2;\n",
  ])
  func whatAnAuthorChangesCounts(text: String) throws {
    #expect(try file(text).hash != file("SELECT 1;\nSELECT 2;\n").hash)
  }

  @Test func theHashIsSHA256() throws {
    #expect(
      try file("").hash == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func theByteOrderMarkIsNotSent() throws {
    #expect(
      try FileText.text(Array("\u{FEFF}SELECT 1".utf8), path: "f.sql") == "SELECT 1")
  }

  /// Before anything runs, with the line: the server would refuse it in the middle.
  @Test(
    arguments: [
      ([0x53, 0xFF], "f.sql:1 is not UTF-8"),
      (Array("SELECT 1;\nSELECT '".utf8) + [0xE4] + Array("';\n".utf8), "f.sql:2 is not UTF-8"),
      (Array("SELECT 1;\n".utf8) + [0x41, 0], "f.sql:2 has a NUL character"),
      // UTF-16, as other systems save it.
      ([0xFF, 0xFE, 0x53, 0], "f.sql:1 has a NUL character"),
    ] as [([UInt8], String)])
  func bytesThatAreNoTextAreRefused(bytes: [UInt8], message: String) {
    let failure = #expect(throws: MigrateFailure.self) {
      _ = try file(bytes)
    }
    #expect(failure?.message == message)
    #expect(failure?.lines.first?.hasPrefix("HINT: save the file as UTF-8") == true)
  }

  @Test(arguments: [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "", "h",
    "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
    "g3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ])
  func aHashIsWhatTheLedgerHas(text: String) {
    #expect(Hash(text).description == text)
    #expect(Hash(text).isEmpty == text.isEmpty)
    #expect((Hash(text) == Hash(of: [])) == text.hasPrefix("e3b0"))
  }

  @Test func headersInTheChecksAreHeededByNobody() throws {
    let failure = try refusal(["checks.sql": "-- migrate: lock_timeout=1s\nSELECT 1;"])
    #expect(
      failure?.message == "checks.sql is asked, not applied: headers have no place in it")
  }
}
