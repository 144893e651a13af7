internal import Kubernetes
internal import Postgres
internal import TestSupport
internal import Testing

@testable internal import provisioner

/// `provisioner check`: what is needed follows from the blueprint, and what is missing is named.
@Suite(.timeLimit(.minutes(4)), .serialized) struct CheckTests {
  private static let role = "/apis/rbac.authorization.k8s.io/v1/clusterroles"

  @Test func whatIsDeployedIsEnough() async throws {
    try await Scene.play { scene in
      let check = try await scene.clusterCommand("check")
      #expect(check.status == 0, "\(check.output)\(check.error)")
      let lines = check.output.split(separator: "\n").map(String.init)
      let count = Int(
        try await scene.owner.value("SELECT count(*) FROM provisioning.required_rights()")!)!
      #expect(count > 20 && lines.count { $0.hasPrefix("ok       right        ") } == count)
      for row in [
        "ok       PostgreSQL   a primary, version 1", "ok       schema       has all ",
        "ok       login        provisioner, a member of ark_provisioner and of nothing else",
        "ok       blueprint    ", "ok       Kubernetes   version 1.",
        "ok       right        bind clusterroles.rbac.authorization.k8s.io view",
        "ok       right        update resourcequotas/status tenant",
        "ok       right        list namespaces",
      ] {
        #expect(lines.contains { $0.hasPrefix(row) }, "\(row): \(check.output)")
      }
      // This cluster has no policies, which is said, and is a failure to who wants it so.
      #expect(lines.last?.hasPrefix("warning  policy       none protects the gate") == true)
      #expect(try await scene.clusterCommand("check", "--strict").status == 3)

      let json = try JSONValue(
        parsing: try await scene.clusterCommand("check", "--output", "json").output)
      #expect(json["apiVersion"] == "agent-ready-k8s/v1" && json["kind"] == "ProvisionerCheck")
      #expect(json["outcome"] == "warning" && json["rows"]?.array?.count == lines.count)
      #expect(
        json["rows"]?.array?.contains([
          "outcome": "ok", "check": "right", "detail": "list namespaces",
        ]) == true)
    }
  }

  /// None that a step needs is missing in deploy/kubernetes, and one that no step needs has no place there.
  @Test func theClusterRoleIsWhatTheBlueprintNeeds() async throws {
    try await Scene.play { scene in
      let role = try await scene.kubernetes.get("\(Self.role)/agent-ready-k8s-provisioner")
      var granted: Set<String> = []
      for rule in role["rules"]?.array ?? [] {
        func texts(_ key: String) -> [String] { (rule[key]?.array ?? []).compactMap(\.string) }
        for group in texts("apiGroups") {
          for resource in texts("resources") {
            for verb in texts("verbs") {
              let names = texts("resourceNames")
              for name in names.isEmpty ? [""] : names {
                granted.insert("\(verb) \(resource).\(group) \(name)")
              }
            }
          }
        }
      }
      let needed = try await scene.owner.query(
        """
        SELECT DISTINCT format('%s %s.%s %s', verb, resource, api_group,
          CASE WHEN verb = 'bind' THEN name END) AS right FROM provisioning.required_rights()
        """
      ).map { $0["right"]! }
      // The user's document asks for `list` of whatever is made.
      let made = needed.filter { $0.hasPrefix("create ") }
        .map { "list" + $0.dropFirst("create".count) }
      #expect(granted.subtracting(needed + made).sorted() == [])
      #expect(Set(needed).subtracting(granted).sorted() == [])
    }
  }

  @Test func aMissingRightIsNamed() async throws {
    try await Scene.play { scene in
      let own = try await scene.kubernetes.get("\(Self.role)/agent-ready-k8s-provisioner")
      let name = "partly-\(scene.prefix)"
      let rules = (own["rules"]?.array ?? []).compactMap { rule -> JSONValue? in
        if rule["resources"] == ["resourcequotas/status"] { return nil }
        if rule["resources"] == ["clusterroles"] {
          return rule.setting("resourceNames", to: ["admin", "edit"])
        }
        return rule
      }
      _ = try await scene.kubernetes.create(
        Self.role, ["metadata": ["name": .string(name)], "rules": .array(rules)])
      let account = try await ServiceAccount(scene, role: name)
      try await scene.withKubeconfig(
        replacing: /tokenFile: .*/, by: "token: \(try await account.token())"
      ) { config in
        // The authoriser hears of a binding a moment after it is written.
        try await eventually {
          try await scene.clusterCommand("check", kubeconfig: config).output
            .split(separator: "\n").count { $0.hasPrefix("FAILED") } == 3
        }
        let check = try await scene.clusterCommand("check", kubeconfig: config)
        #expect(check.status == 3, "\(check.error)")
        for row in [
          "may not bind clusterroles.rbac.authorization.k8s.io view, which viewer-role-binding needs",
          "may not patch resourcequotas/status tenant, which quota-limits needs",
          "may not update resourcequotas/status tenant, which quota-status needs",
        ] {
          #expect(check.output.contains("FAILED   right        \(row)"), "\(check.output)")
        }
        #expect(check.output.contains("HINT: grant it: kubectl apply -k deploy/kubernetes"))
      }
      try await account.remove()
      _ = try await scene.kubernetes.delete(
        "\(Self.role)/\(name)", uid: nil, resourceVersion: nil)
    }
  }

  @Test func anObjectThatTheBlueprintGainsNeedsARight() async throws {
    try await Scene.play { scene in
      try await scene.owner.query(
        """
        INSERT INTO provisioning.blueprint (plan, step, wave, verb, path, body) VALUES
        ('standard', 'settings', 2, 'create', '/api/v1/namespaces/{{namespace}}/configmaps',
         '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}}')
        """)
      let check = try await scene.clusterCommand("check")
      #expect(check.status == 3)
      let failed = check.output.split(separator: "\n").filter { $0.hasPrefix("FAILED") }
      #expect(failed.count == 4, "\(check.output)")
      #expect(
        failed.contains {
          $0.hasPrefix("FAILED   right        may not create configmaps, which settings needs")
        })
    }
  }

  @Test func whatIsWrongElsewhereIsNamed() async throws {
    try await Scene.play { scene in
      let config = Stack.current.provisionerKubeconfig
      func check(_ database: String, _ config: String) async throws -> Tool.Result {
        try await Tool.run(
          Tool.product("provisioner"), ["check", "-d", database, "--kubeconfig", config])
      }
      let good = scene.database.conninfo(user: "provisioner")
      let lost = try await check("host=127.0.0.1 port=1", config)
      #expect(lost.status == 2)
      #expect(lost.output.contains("FAILED   PostgreSQL   ") && lost.output.contains("HINT: "))
      #expect(lost.output.contains("FAILED   right        the database does not tell"))
      #expect(lost.output.contains("ok       Kubernetes   "), "the rest is tried all the same")

      let app = try await check(scene.database.conninfo(user: "app"), config)
      #expect(app.status == 3 && app.output.contains("GRANT ark_provisioner"), "\(app.output)")
      try await TestDatabase.with(.empty) { empty in
        let empty = try await check(empty.conninfo(), config)
        #expect(empty.status == 3 && empty.output.contains("FAILED   schema       may not call"))
        #expect(empty.output.contains("migrate up"))
      }
      let owner = try await check(scene.database.conninfo(), config)
      #expect(owner.status == 0)
      #expect(owner.output.contains("warning  login        postgres passes row-level security"))

      try await scene.withKubeconfig(replacing: /server: .*/, by: "server: https://127.0.0.1:1") {
        let away = try await check(good, $0)
        #expect(away.status == 2 && away.output.contains("FAILED   Kubernetes   "))
        #expect(away.output.contains("ok       blueprint    "), "\(away.output)")
      }
      let file = try await check(good, "/nowhere/config")
      #expect(file.status == 1 && file.error.contains("/nowhere/config"))
      #expect(file.error.split(separator: "\n").count <= 2)
    }
  }

  /// Such an undo deletes without closing and emptying, and no failed job would tell of it.
  @Test func whatCannotBeTakenBackIsTold() async throws {
    try await Scene.play { scene in
      let good = try await scene.clusterCommand("check")
      #expect(good.output.contains("\nok       undo         what is taken back is closed, emptied"))
      try await scene.owner.execute(
        "UPDATE provisioning.blueprint SET path = '/{{nothing}}' || path WHERE step = 'pods'")
      let check = try await scene.clusterCommand("check")
      #expect(check.status == 3, "\(check.error)")
      for row in [
        "FAILED   blueprint    plan standard, delete, suspend: {{nothing}} is no variable",
        "FAILED   undo         plan standard: {{nothing}} is no variable",
      ] {
        #expect(check.output.contains(row), "\(check.output)")
      }
    }
  }

  /// `--context`: another one than the current one, of whose cluster nothing is known.
  @Test func aContextIsChosen() async throws {
    try await Scene.play { scene in
      try await scene.withKubeconfig(
        replacing: /current-context: ark\ncontexts:\n/,
        by:
          "current-context: lost\ncontexts:\n- name: lost\n  context: {cluster: lost, user: ark}\n"
      ) { config in
        for command in [["check"], ["drift"]] {
          let current = try await scene.clusterCommand(command, kubeconfig: config)
          #expect(current.status == 1 && current.error.contains("no cluster named \"lost\""))
        }
        let chosen = try await scene.clusterCommand(
          ["check", "--context", "ark"], kubeconfig: config)
        #expect(chosen.status == 0, "\(chosen.output)\(chosen.error)")
        #expect(chosen.output.contains("ok       Kubernetes   version 1."))
        let unknown = try await scene.clusterCommand(
          ["check", "--context", "found"], kubeconfig: config)
        #expect(unknown.status == 1 && unknown.error.contains("no context named \"found\""))
      }
    }
  }

  /// Every function that the sources call is one that the check asks for.
  @Test func noFunctionIsForgotten() async throws {
    let found = try await Tool.run(
      "/bin/bash",
      [
        "-c",
        #"grep -rhoE '\bprovisioning\.[a-z_]+\(' Sources/provisioner | tr -d '(' | sort -u"#,
      ], folder: Stack.root)
    let called = Set(found.output.split(separator: "\n").map(String.init))
    #expect(called.count > 10)
    #expect(called == Set(Queue.functions.map { String($0.prefix { $0 != "(" }) }))
  }

  @Test func completionScriptsAndHelpAreThere() async throws {
    let program = Tool.product("provisioner")
    for shell in ["bash", "zsh", "fish"] {
      let script = try await Tool.run(program, ["--generate-completion-script", shell])
      #expect(script.status == 0 && script.output.contains("drift"), "\(shell): \(script.error)")
    }
    let bash = try await Tool.run(
      "/bin/bash",
      [
        "-c",
        """
        eval "$('\(program)' --generate-completion-script bash)"
        COMP_WORDS=(provisioner pl) COMP_CWORD=1 COMP_LINE='provisioner pl' COMP_POINT=14
        complete -p provisioner | grep -o -- '-F [^ ]*' | { read -r _ function
          $function provisioner pl provisioner; echo "${COMPREPLY[@]}"; }
        """,
      ])
    #expect(bash.output == "plan\n", "\(bash.output)\(bash.error)")
    for command in ["run", "check", "plan", "drift", "status"] {
      let help = try await Tool.run(program, [command, "--help"])
      #expect(help.status == 0 && help.output.contains("-d, --database"), "\(command)")
      #expect(
        help.output.contains("--kubeconfig") == ["run", "check", "drift"].contains(command))
    }
  }
}
