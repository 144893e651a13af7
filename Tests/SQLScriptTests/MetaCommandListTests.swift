internal import SQLScript
internal import TestSupport
internal import Testing

/// Each of the commands that the psql at hand knows is one that we know.
struct MetaCommandListTests {
  /// Every spelling in `psql --help=commands`: `\df[anptw][S+]` stands for `df`, `dfa`, `dfn`, … `df+`,
  /// `\c[onnect]` for `c` and `connect`.
  private func names() async throws -> Set<String> {
    let help = try await Tool.run(
      "\(Stack.current.postgresBin)/psql", ["--help=commands"], environment: ["LC_ALL": "C"])
    #expect(help.status == 0, "\(help.error)")
    var names: Set<String> = []
    for match in help.output.matches(of: /(?m)^  \\([^\s\[]+)((?:\[\S+?\])*)(?=\s|$)/) {
      var spellings = [String(match.1)]
      for option in match.2.matches(of: /\[(\S+?)\]/) {
        let endings = [String(option.1)] + option.1.map { String($0) }
        spellings += spellings.flatMap { name in endings.map { name + $0 } }
      }
      // Letters of a name that may be cut short are no options.
      names.formUnion(match.2 == "[onnect]" ? ["c", "connect"] : spellings)
    }
    return names
  }

  private func refusal(of text: String) -> ScriptError? {
    do {
      _ = try Script(text)
      return nil
    } catch {
      return error
    }
  }

  @Test func noneFallsThrough() async throws {
    let names = try await names()
    #expect(names.isSuperset(of: ["!", "?", "c", "connect", "dS+", "dfa+", "gexec", "sf+", "x"]))
    #expect(names.count > 150, "\(names.sorted())")
    let general = try #require(refusal(of: "\\nonsense\n")?.hint)
    for name in names.union(["."]).subtracting(["restrict", "unrestrict"]) {
      for text in ["\\\(name)\n", "\\\(name) a\n", "SELECT 1 \\\(name)\n"] {
        let error = refusal(of: text)
        #expect(error?.message == "\\\(name) is a command of psql", "\(text)")
        #expect(error?.hint?.isEmpty == false && error?.hint != general, "\(text)")
      }
    }
  }

  /// Those of dumps; and `\.`, where data end.
  @Test func threeAreAccepted() async throws {
    let names = try await names()
    #expect(names.isSuperset(of: ["restrict", "unrestrict"]))
    let script = try Script(
      "\\restrict key\nCOPY a FROM stdin;\n1\n\\.\n\\unrestrict key\nSELECT 1;\n")
    #expect(script.steps.map(\.statement.text) == ["COPY a FROM stdin;", "SELECT 1;"])
    for text in ["\\restrict\n", "\\unrestrict key\n", "\\restrict key\n\\unrestrict other\n"] {
      let error = refusal(of: text)
      #expect(error?.message.hasSuffix(" has no partner here") == true, "\(text)")
      #expect(error?.hint?.isEmpty == false)
    }
  }
}
