internal import Testing

@testable internal import migrate

/// The files of `migrations/`: little is kept of each, and each is found.
struct VersionedFilesTests {
  @Test(arguments: [
    ["0001_create_a.sql", "0001_create_b.sql"], ["00001_create_b.sql", "0001_create_a.sql"],
    ["0007_create_a.sql", "0007_create_b.sql", "0007_create_c.sql"],
  ])
  func aNumberIsOneFiles(names: [String]) throws {
    var files = ["migrations/0003_create_c.sql": "", "migrations/0009_create_d.sql": ""]
    for name in names { files["migrations/\(name)"] = "" }
    let folder = try SQLFolder(files)
    let shared = #expect(throws: SharedNumber.self) {
      _ = try MigrationFiles.load(from: folder.path)
    }
    #expect(shared?.number == FileName(names[0])?.number)
    #expect(shared?.paths == names.map { "migrations/\($0)" })
  }

  /// Of all names one piece of memory is kept: each still finds its file.
  @Test func everyNumberFindsItsFile() throws {
    let folder = try SQLFolder()
    for number in 1...300 {
      try folder.write(
        "migrations/\(number * 37 + 1000)_create_t\(number).sql", "SELECT \(number);")
    }
    let files = try MigrationFiles.load(from: folder.path).versioned
    #expect(files.count == 300)
    for number in 1...300 {
      let index = try #require(files.index(of: number * 37 + 1000))
      #expect(index == number - 1)
      #expect(files[index].path == "migrations/\(number * 37 + 1000)_create_t\(number).sql")
      #expect(try files[index].read().text == "SELECT \(number);")
    }
    for missing in [0, 1, 1036, 1038, 12_099, 12_101, .max] {
      #expect(files.index(of: missing) == nil)
    }
    #expect(files.selecting([7, 2]).map(\.path) == [files[7].path, files[2].path])
  }

  /// Larger than what is read at once, and a small one behind it.
  @Test func aFileOfAnySizeIsReadToItsEnd() throws {
    let long = String(repeating: "SELECT 1;\n", count: 10_000)
    let folder = try SQLFolder([
      "migrations/0001_create_a.sql": long, "migrations/0002_create_b.sql": "SELECT 2;",
      "migrations/0003_create_c.sql": "",
    ])
    let files = try MigrationFiles.load(from: folder.path).versioned
    #expect(try files.map { try $0.read().text } == [long, "SELECT 2;", ""])
    try folder.write("migrations/0001_create_a.sql", long.dropLast() + " ")
    let failure = #expect(throws: MigrateFailure.self) { _ = try files[0].read() }
    #expect(failure?.message == "migrations/0001_create_a.sql was changed while migrate ran")
  }
}
