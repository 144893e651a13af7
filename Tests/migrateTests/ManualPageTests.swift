internal import Foundation
internal import TestSupport
internal import Testing

@testable internal import migrate

/// docs/man/migrate.1 against the command line as its parser has it.
@Suite(.timeLimit(.minutes(3))) struct ManualPageTests {
  /// What `--experimental-dump-help` tells.
  private struct Dump: Decodable {
    struct Command: Decodable {
      let commandName: String
      let arguments: [Argument]?
      let subcommands: [Command]?
    }
    struct Argument: Decodable {
      struct Name: Decodable {
        let kind: String
        let name: String
      }
      let kind: String
      let names: [Name]?
      let valueName: String
      let isOptional: Bool

      /// As on the page.
      var text: String {
        let spellings = (names ?? []).map { $0.kind == "short" ? "-\($0.name)" : "--\($0.name)" }
        let value = kind == "flag" ? [] : [valueName]
        return ([spellings.joined(separator: ", ")] + value).filter { !$0.isEmpty }
          .joined(separator: " ")
      }
    }
    let command: Command
  }

  private func commands() async throws -> [Dump.Command] {
    let result = try await Tool.run(Tool.product("migrate"), ["--experimental-dump-help"])
    let dump = try JSONDecoder().decode(Dump.self, from: Data(result.output.utf8))
    return (dump.command.subcommands ?? []).filter { $0.commandName != "help" }
  }

  /// Not one that is missing, and not one that the command does not take.
  @Test func eachSynopsisHasTheOptionsOfItsCommand() async throws {
    let page = try await ManualPage()
    let commands = try await commands()
    #expect(commands.count == 11)
    #expect(Set(page.synopses.keys) == Set(commands.map(\.commandName)))
    #expect(page.common.count == 11 && page.everywhere.count == 2)
    for command in commands {
      var synopsis = try #require(page.synopses[command.commandName])
      var elsewhere = page.everywhere
      if let isOptional = synopsis.removeValue(forKey: "option ...") {
        #expect(isOptional, "\(command.commandName)")
        elsewhere.formUnion(page.common)
      }
      var expected: ManualPage.Synopsis = [:]
      for argument in command.arguments ?? [] {
        // The parser does not know of the short one: it is taken wherever it stands.
        let text = argument.text == "--version" ? "-V, --version" : argument.text
        if elsewhere.remove(text) == nil { expected[text] = argument.isOptional }
      }
      #expect(synopsis == expected, "\(command.commandName)")
      #expect(elsewhere.isEmpty, "\(command.commandName)")
      let version = try await Tool.run(Tool.product("migrate"), [command.commandName, "-V"])
      #expect(version.status == 0 && version.output == "\(Migrate.toolVersion)\n")
    }
  }

  @Test func everyCommandAndExitCodeIsTold() async throws {
    let page = try String(contentsOfFile: ManualPage.path, encoding: .utf8)
    for command in try await commands() {
      #expect(page.contains("\n.It Cm \(command.commandName)\n"), "\(command.commandName)")
    }
    for code in MigrateFailure.Code.allCases {
      #expect(page.contains(".It \(code.rawValue)\n") || code.rawValue >= 130, "\(code)")
    }
    let lint = try await Tool.run(
      "/usr/bin/env", ["mandoc", "-Tlint", "-Wwarning", ManualPage.path])
    #expect(lint.status == 0, "\(lint.output)\(lint.error)")
  }
}
