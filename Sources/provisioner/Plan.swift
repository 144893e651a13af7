internal import ArgumentParser
internal import Daemon
internal import Kubernetes
internal import Postgres

/// `provisioner plan`: the objects of an organisation, for kubectl.
struct Plan: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the objects of an organisation as they would be applied now.",
    discussion: """
      Asks PostgreSQL alone, and changes nothing. What it prints, `kubectl apply -f -` takes, and \
      `kubectl diff -f -`; also for an organisation whose namespace is not made yet. \
      json is a v1 List, which kubectl takes, too.
      """)

  @Argument(help: "The organisation: its slug, its id or its namespace.")
  var organization: String

  @OptionGroup var place: DatabaseOptions

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("yaml, which is human, or json.", valueName: "format"))
  var output: Format = .human

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case human, yaml, json
  }

  func run() async throws {
    let planned = try await place.ask("plan") { connection in
      try await connection.query(
        "SELECT org_id, slug, status, plan, object FROM provisioning.plan_objects($1)",
        [.text(organization)], timeout: .seconds(30)
      ).map { row in
        (
          about: "organisation \(row["slug"] ?? ""), id \(row["org_id"] ?? ""), "
            + "plan \(row["plan"] ?? ""), \(row["status"] ?? "")",
          object: try JSONValue(parsing: try row.decode("object", as: String.self))
        )
      }
    }
    switch output {
    case .json:
      let list: JSONValue = [
        "apiVersion": "v1", "kind": "List", "items": .array(planned.map(\.object)),
      ]
      StandardStream.output.writeLine(list.serialized())
    case .human, .yaml:
      if let about = planned.first?.about { StandardStream.output.writeLine("# \(about)") }
      for (_, object) in planned {
        // The document ends its last line itself.
        StandardStream.output.writeLine("---\n" + object.yaml().dropLast())
      }
    }
  }
}
