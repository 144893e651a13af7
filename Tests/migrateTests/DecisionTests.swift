internal import Testing

@testable internal import migrate

/// Decisions without a server.
struct DecisionTests {
  // MARK: Retries

  @Test func retriesAreBoundedWithFullJitter() {
    var retries = LockRetries()
    var longest: [Int] = []
    for attempt in 2...LockRetries.limit {
      let action = retries.failed("55P03") { limit in
        longest.append(limit)
        return limit / 2
      }
      #expect(
        action
          == .retry(after: .milliseconds(min(5000, 100 << (attempt - 1)) / 2), attempt: attempt))
    }
    #expect(longest == [200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000, 5000])
    #expect(retries.failed("40P01") == .giveUp)
  }

  /// The source that it has unless a test brings one: all of the range, and not always the same.
  @Test func theFirstPauseIsAnywhereBelowItsLimit() {
    var pauses: [Duration] = []
    for _ in 0..<200 {
      var retries = LockRetries()
      if case .retry(let pause, _) = retries.failed("55P03") { pauses.append(pause) }
    }
    #expect(pauses.count == 200)
    #expect(pauses.allSatisfy { (.zero ... .milliseconds(200)).contains($0) })
    #expect(pauses.contains { $0 < .milliseconds(100) })
    #expect(pauses.contains { $0 > .milliseconds(100) })
  }

  @Test(arguments: ["55P03", "40P01"]) func locksAndDeadlocksAreTriedAgain(state: String) {
    var retries = LockRetries()
    #expect(retries.failed(state) { _ in 7 } == .retry(after: .milliseconds(7), attempt: 2))
  }

  @Test(arguments: ["42601", "57014", nil]) func otherErrorsAreNotTriedAgain(state: String?) {
    var retries = LockRetries()
    #expect(retries.failed(state) == .giveUp)
  }

  // MARK: CREATE INDEX CONCURRENTLY

  @Test func whatIsThereDecides() {
    #expect(IndexState.missing.before("i") == .build)
    #expect(IndexState.invalid(builder: nil).before("i") == .rebuild)
    #expect(IndexState.valid(existing: "a", wanted: "a").before("i") == .adopt)
    for state in [
      IndexState.valid(existing: "a", wanted: "b"), .taken("table i"), .invalid(builder: 7),
    ] {
      guard case .refuse = state.before("i") else {
        Issue.record("\(state) is not refused")
        continue
      }
    }
    #expect(IndexState.valid(existing: "", wanted: "").after("i") == nil)
    #expect(
      IndexState.invalid(builder: nil).after("i")
        == "the index i is INVALID, although its statement succeeded")
    #expect(IndexState.missing.after("i") != nil)
  }

  // MARK: What is shown of a long statement

  private func sample(_ wait: Int?, _ pids: Int...) -> WatchState.Sample {
    WatchState.Sample(
      lockWait: wait.map { .milliseconds($0) },
      blockers: pids.map { WatchState.Blocker(pid: $0, text: "(x, for 00:00:0\($0))") })
  }

  @Test func blockersAreToldOnce() {
    var watch = WatchState()
    func see(_ sample: WatchState.Sample) -> [WatchState.Action] {
      watch.see(sample, of: "f.sql:1", age: .seconds(1), isTerminal: false)
    }
    #expect(see(sample(100, 1)) == [.tell("f.sql:1 waits for a lock: pid 1 (x, for 00:00:01)")])
    #expect(see(sample(600, 1)) == [])
    #expect(see(sample(900, 1, 2)).count == 2)
    #expect(see(sample(nil)) == [])
    #expect(see(sample(100, 1)).count == 1)
    var prepared = sample(100)
    prepared.blockers = [.init(pid: 0, text: "a prepared transaction: 'x'")]
    #expect(see(prepared) == [.tell("f.sql:1 waits for a lock: a prepared transaction: 'x'")])
  }

  @Test func waitsAddUp() {
    var watch = WatchState()
    for wait in [100, 600, nil, 200, 50, 80] {
      _ = watch.see(sample(wait), of: "", age: .seconds(1), isTerminal: false)
    }
    #expect(watch.lockWait == .milliseconds(600 + 200 + 80))
    watch.statementBegins()
    #expect(watch.lockWait == .milliseconds(880))
    watch.fileBegins()
    #expect(watch.lockWait == .zero)
  }

  @Test func aPhaseIsToldWhenItChangesAndEveryTenSeconds() {
    var watch = WatchState()
    func see(_ phase: String, _ age: Int) -> [WatchState.Action] {
      var sample = WatchState.Sample()
      sample.build = WatchState.Build(index: "a_n", phase: phase, done: age, total: 200)
      return watch.see(sample, of: "f.sql:1", age: .seconds(age), isTerminal: false)
    }
    #expect(see("scanning", 2) == [.progress("f.sql:1  a_n: scanning, 1 %  2 s")])
    #expect(see("scanning", 11) == [])
    #expect(see("scanning", 12) == [.progress("f.sql:1  a_n: scanning, 6 %  12 s")])
    #expect(see("loading", 13) == [.progress("f.sql:1  a_n: loading, 6 %  13 s")])
  }

  @Test func onATerminalEveryLookIsShown() {
    var watch = WatchState()
    for age in 1...3 {
      #expect(
        watch.see(.init(), of: "f.sql:1", age: .seconds(age), isTerminal: true)
          == [.progress("f.sql:1  runs  \(age) s")])
    }
  }

  // MARK: Signals

  /// Work that had failed by itself knows what is true; what the signal has stopped has changed nothing.
  @Test func whatIsToldBehindASignalIsTrue() {
    let failed = MigrateFailure(code: .sql, message: "no", lines: ["NOW: 2 files stay applied."])
    #expect(Interruptible.failure(failed, behind: .terminated) == failed)
    let stopped = MigrateFailure(code: .interrupted, message: "stopped", lines: ["NOW: so."])
    let told = Interruptible.failure(stopped, behind: .terminated)
    #expect(told.code == .terminated && told.message == "stopped" && told.lines == ["NOW: so."])
    let nothing = Interruptible.failure(CancellationError(), behind: .interrupted)
    #expect(nothing.code == .interrupted && nothing.lines.first == "NOW: nothing was changed.")
  }

  // MARK: Colour

  @Test(
    arguments: [
      (["NO_COLOR": "1", "PG_COLOR": "always"], true, false), (["NO_COLOR": ""], true, true),
      (["PG_COLOR": "always"], false, true), (["PG_COLOR": "never"], true, false),
      (["PG_COLOR": "auto"], false, false), ([:], true, true), ([:], false, false),
    ] as [([String: String], Bool, Bool)])
  func colourIsPostgreSQLs(environment: [String: String], isTerminal: Bool, isWanted: Bool) {
    #expect(Colour.isWanted(isTerminal: isTerminal) { environment[$0] } == isWanted)
  }

  // MARK: Objects

  @Test func anObjectIsItsCreators() {
    func changed(_ name: String, _ command: Int, isNew: Bool = false) -> ObjectOwners.Changed {
      ObjectOwners.Changed(
        object: DatabaseObject(type: "function", identity: "public.\(name)()"), name: name,
        command: command, isNew: isNew)
    }
    let owners = ObjectOwners(
      files: [
        .init(path: "a.sql", names: ["f"], end: 10), .init(path: "b.sql", names: ["g"], end: 20),
        .init(path: "grants.sql", names: [], end: 30),
      ], before: [DatabaseObject(type: "function", identity: "public.old()"): "old.sql"])
    #expect(owners.owner(of: changed("f", 5)) == "a.sql")
    // A right was granted on it by a later file.
    #expect(owners.owner(of: changed("f", 25)) == "a.sql")
    #expect(owners.owner(of: changed("old", 25)) == "old.sql")
    // By EXECUTE.
    #expect(owners.owner(of: changed("h", 15, isNew: true)) == "b.sql")
    #expect(owners.owner(of: changed("h", 40, isNew: true)) == nil)
    // A right on what a migration has made.
    #expect(owners.owner(of: changed("h", 25)) == nil)
  }

  // MARK: Ledger

  private func row(
    _ entry: Int, _ event: LedgerEvent, _ version: Int?, statement: Int? = nil,
    error: String? = nil, hash: Hash = "h"
  ) -> Ledger.Row {
    Ledger.Row(
      entry: entry, event: event, version: version, path: version.map { "\($0).sql" } ?? "r.sql",
      hash: hash, codeHash: Hash("c\(entry)"), statement: statement, statements: 3, error: error)
  }

  /// Of a file that is what was applied, it is kept that it is; of everything else what was applied.
  @Test func whatIsAppliedAsItIsIsNotKeptTwice() throws {
    func path(_ number: Int) -> String { "migrations/000\(number)_create_a.sql" }
    let folder = try SQLFolder(
      Dictionary(uniqueKeysWithValues: [2, 5, 7].map { (path($0), "SELECT \($0);\n") }))
    var applied = AppliedFiles(files: try MigrationFiles.load(from: folder.path).versioned)
    var plain: [Int: AppliedFiles.State] = [:]
    #expect(applied.oldest == nil && applied.newest == 0)
    for (number, path, text, isSame) in [
      (5, path(5), "SELECT 5;  \n", false), (2, path(2), "SELECT 2;\n", true),
      (3, path(3), "SELECT 3;", false), (7, path(7), "SELECT 0;", false), (9, path(9), "", false),
      (7, path(7), "SELECT 7;\n", true), (2, path(2), "SELECT 0;", false),
      (5, path(5), "SELECT 5;\n", true), (2, "b.sql", "SELECT 2;\n", false),
    ] {
      let entry = Ledger.Entry(
        path: path, hash: "h", rawHash: Hash(of: Array(text.utf8)), codeHash: "c")
      applied.add(entry, number: number)
      plain[number] = isSame ? .same : .other(entry)
      for number in 0...10 {
        #expect(applied[number] == plain[number])
        let path: String? =
          switch plain[number] {
          case nil: nil
          case .same: "migrations/000\(number)_create_a.sql"
          case .other(let entry): entry.path
          }
        #expect(applied.path(of: number) == path)
      }
      #expect(applied.oldest == plain.keys.min())
      #expect(applied.newest == plain.keys.max())
    }
    #expect(applied.others.keys.sorted() == [2, 3, 9])
  }

  @Test func rowsAddUp() {
    var ledger = Ledger()
    ledger.add(row(1, .applied, 1))
    ledger.add(row(2, .started, 2))
    ledger.add(row(3, .progressed, 2, statement: 1))
    ledger.add(row(4, .failed, 2, statement: 1, error: "no"))
    #expect(Array(ledger.versioned.others.keys) == [1])
    #expect(ledger.partial[2]?.done == 1 && ledger.partial[2]?.doneHash == "c3")
    #expect(ledger.partial[2]?.failure == Ledger.Failure(message: "no"))
    ledger.add(row(5, .resumed, 2, hash: "h2"))
    #expect(ledger.partial[2]?.failure == nil && ledger.partial[2]?.hash == "h2")
    ledger.add(row(6, .applied, 2))
    #expect(ledger.partial.isEmpty && ledger.newest == 2 && ledger.lastEntry == 6)
    ledger.add(row(7, .repaired, 1, hash: "h3"))
    #expect(ledger.versioned.others[1]?.hash == "h3")
    ledger.add(row(8, .applied, nil))
    ledger.add(row(9, .pruned, nil))
    #expect(ledger.repeatable["r.sql"]?.hash == "h")
    ledger.add(row(10, .pruned, nil, hash: ""))
    #expect(ledger.repeatable.isEmpty)
  }

  /// A statement that could not be taken back is done, although the run has ended behind it.
  @Test func aFailureBehindAStatementTellsThatItIsDone() {
    var ledger = Ledger()
    ledger.add(row(1, .started, 2))
    ledger.add(row(2, .progressed, 2, statement: 1))
    ledger.add(row(3, .failed, 2, statement: 2, error: "no"))
    #expect(ledger.partial[2]?.done == 2 && ledger.partial[2]?.doneHash == "c3")
    #expect(ledger.partial[2]?.failure == Ledger.Failure(message: "no", isBehind: true))
    ledger.add(row(4, .resumed, 2))
    ledger.add(row(5, .failed, 2, statement: 2, error: "no"))
    #expect(ledger.partial[2]?.done == 2 && ledger.partial[2]?.doneHash == "c3")
    #expect(ledger.partial[2]?.failure == Ledger.Failure(message: "no"))
  }

  // MARK: Names

  @Test func namesKeepTheirDigits() {
    #expect(FileName("0007_create_a.sql") == FileName(number: 7, title: "create_a"))
    #expect(FileName("00007_create_a.sql")?.text == "00007_create_a.sql")
    #expect(FileName(number: 12345, title: "create_a").text == "12345_create_a.sql")
    for name in [
      "7_create_a.sql", "0007_create.sql", "0007_Create_a.sql", "0007create_a.sql", "0007_create_a",
    ] {
      #expect(FileName(name) == nil)
    }
  }
}
