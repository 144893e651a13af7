internal import Foundation
internal import TestSupport
internal import Testing

@Suite(.timeLimit(.minutes(1))) struct CommandLineTests {
  private func migrate(_ arguments: String..., environment: [String: String] = [:]) async throws
    -> Tool.Result
  {
    try await Tool.run(Tool.product("migrate"), arguments, environment: environment)
  }

  @Test func helpIsHelp() async throws {
    let help = try await migrate("--help")
    #expect(help.status == 0)
    #expect(help.output.contains("SUBCOMMANDS") && help.output.contains("Exit codes"))
    let up = try await migrate("up", "-?")
    #expect(up.status == 0)
    #expect(up.output.contains("-h, --host"))
  }

  @Test func wrongUsageIsOne() async throws {
    for arguments in [["sideways"], ["up", "--nonsense"], ["up", "--lock-timeout", "soon"]] {
      let result = try await Tool.run(Tool.product("migrate"), arguments)
      #expect(result.status == 1, "\(arguments)")
      #expect(!result.error.isEmpty && result.output.isEmpty)
    }
  }

  @Test func noFolderIsOne() async throws {
    let result = try await migrate("up", "--sql-dir", "/nowhere")
    #expect(result.status == 1)
    #expect(result.error.contains("no folder /nowhere") && result.error.contains("HINT"))
  }

  @Test func noServerIsTwo() async throws {
    let folder = "\(Stack.root)/sql"
    let nobody = try await migrate("up", "-h", "127.0.0.1", "-p", "1", "--sql-dir", folder)
    #expect(nobody.status == 2)
    #expect(nobody.error.contains("HINT") && nobody.error.split(separator: "\n").count <= 4)
    // As libpq finds it: by variables.
    let database = try await migrate(
      "status", "--sql-dir", folder, environment: ["PGDATABASE": "no_such_database"])
    #expect(database.status == 2)
    #expect(database.error.contains("no_such_database"))
  }

  @Test func serviceFilesAndURIsWork() async throws {
    try await Project.with(["migrations/0001_create_t.sql": "CREATE TABLE public.t ();\n"]) {
      project in
      let stack = project.database.stack
      let services = "\(project.folder)/services.conf"
      try project.write(
        "services.conf",
        "[ark]\nhost=\(stack.postgresHost)\nport=\(stack.postgresPort)\nuser=postgres\ndbname=\(project.database.name)\n"
      )
      let byService = try await Tool.run(
        Tool.product("migrate"), ["up", "-d", "service=ark", "--sql-dir", project.folder],
        environment: ["PGSERVICEFILE": services, "PGHOST": "/nowhere", "PGPORT": "1"])
      #expect(byService.status == 0, "\(byService.error)")
      let host = stack.postgresHost.addingPercentEncoding(withAllowedCharacters: .alphanumerics)!
      let byURI = try await Tool.run(
        Tool.product("migrate"),
        [
          "status", "--sql-dir", project.folder, "-d",
          "postgresql://postgres@\(host):\(stack.postgresPort)/\(project.database.name)",
        ])
      #expect(byURI.output == "applied  migrations/0001_create_t.sql\n", "\(byURI.error)")
    }
  }
}
