internal import Foundation
internal import TestSupport
internal import Testing
internal import Yams

@testable internal import Kubernetes

/// What a reader of YAML finds is what was written.
@Suite(.timeLimit(.minutes(2))) struct YAMLTests {
  /// Texts that one version of YAML or another takes for something else.
  static let traps = [
    "true", "True", "yes", "NO", "on", "Off", "y", "n", "null", "Null", "~", "", "nan", ".nan",
    ".inf",
    "-.inf", "1", "0755", "0o17", "0x1F", "0b1", "1e3", "1E3", "12e03", "1_000", "1.5", ".5", "5.",
    "+1",
    "-1", "2026-11-27", "2026-11-27T10:00:00Z", "1:30", "190:20:30", "=", "<<", "- a", "a: b",
    "a #b",
    "#a", "a:", "? a", "& a", "*a", "!a", "| ", "> ", "%a", "@a", "`a", "'a'", "\"a\"", "[a]",
    "{a}",
    "{{a}}", "${a.b}", "a,b", " a", "a ", "\ta", "a\nb", "a\n", "\n", "a\\b", "a\u{0}b", "\u{85}",
    "\u{2028}", "\u{feff}", "é", "日本", "🙂", "---", "...", "a'b", "org-acme", "v1", "admin@acme.com",
    "app.kubernetes.io/managed-by", String(repeating: "long ", count: 50),
  ]

  @Test func everyTextStaysOne() throws {
    // Yams itself loses a byte order mark, which kubectl does not.
    for text in Self.traps where text != "\u{feff}" {
      let yaml = JSONValue.object(["key": .string(text), text: "value"]).yaml()
      let read = try #require(try Yams.load(yaml: yaml) as? [String: Any], "\(yaml)")
      #expect(read["key"] as? String == text, "\(yaml)")
      #expect(read[text] as? String == (text == "key" ? text : "value"), "\(yaml)")
    }
  }

  @Test func everyValueStaysWhatItIs() throws {
    let value: JSONValue = [
      "bool": true, "null": .null, "integer": -9_223_372_036_854_775_807, "number": .number(1.5),
      "large": .number(1e100), "empty": ["list": [], "object": [:]],
      "nested": [["a": [["b": "true"], "c"]], [[1, 2], []]],
    ]
    let read = try #require(try Yams.load(yaml: value.yaml()) as? [String: Any], "\(value.yaml())")
    #expect(read["bool"] as? Bool == true)
    #expect(read["null"] is NSNull)
    #expect(read["integer"] as? Int == -9_223_372_036_854_775_807)
    #expect(read["number"] as? Double == 1.5)
    #expect(read["large"] as? Double == 1e100)
    let empty = try #require(read["empty"] as? [String: Any])
    #expect((empty["list"] as? [Any])?.isEmpty == true)
    #expect((empty["object"] as? [String: Any])?.isEmpty == true)
    let nested = try #require(read["nested"] as? [Any])
    let inner = try #require((nested[0] as? [String: Any])?["a"] as? [Any])
    #expect((inner[0] as? [String: Any])?["b"] as? String == "true")
    #expect((nested[1] as? [[Int]])?[0] == [1, 2])
  }

  @Test func itReadsLikeKubectls() {
    let object: JSONValue = [
      "kind": "LimitRange", "apiVersion": "v1", "metadata": ["name": "tenant"],
      "spec": ["limits": [["type": "Container", "default": ["cpu": "1"]]], "selector": [:]],
    ]
    #expect(
      object.yaml() == """
        apiVersion: v1
        kind: LimitRange
        metadata:
          name: tenant
        spec:
          limits:
          - default:
              cpu: "1"
            type: Container
          selector: {}

        """)
  }

  /// The reader that counts: kubectl's, which is another one.
  @Test func kubectlReadsWhatWasWritten() async throws {
    // What is no key of a ConfigMap stands as a value only.
    var data: [String: JSONValue] = [:]
    for (number, text) in Self.traps.enumerated() {
      let isKey = text.wholeMatch(of: /[-._a-zA-Z0-9]+/) != nil && !text.hasPrefix("..")
      data[isKey && text != "." ? text : "n\(number)"] = .string(text)
    }
    let object: JSONValue = [
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "traps"], "data": .object(data),
    ]
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "ark-\(UUID().uuidString).yaml")
    try Data(object.yaml().utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let result = try await Tool.run(
      Stack.current.kubectl,
      [
        "--kubeconfig", Stack.current.adminKubeconfig, "create", "--dry-run=client", "-o", "json",
        "-f", file.path,
      ])
    #expect(result.status == 0, "\(result.error)")
    #expect(try JSONValue(parsing: result.output)["data"] == .object(data))
  }
}
