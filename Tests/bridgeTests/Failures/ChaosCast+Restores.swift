internal import Foundation
internal import Postgres
internal import TestSupport

/// A database that comes back older. What was committed since is taken back, rightly.
extension ChaosCast {
  private var stack: Stack { trial.scene.redis }
  private var data: String { "\(stack.folder)/postgres/data" }

  /// How long the writers go on after what is kept.
  private static let pause = Duration.seconds(1)

  func promoteStandby() async throws {
    let standby = try await PostgresServer.copy(of: stack, name: "standby\(number())")
    try await standby.start()
    let replica = try await standby.connect()
    try await eventually("a standby that follows") {
      try await replica.value("SELECT count(*) FROM pg_stat_wal_receiver") == "1"
    }
    let mark = trial.history.mark
    // What was acknowledged before, it has.
    let flushed = try await trial.owner { try await $0.value("SELECT pg_current_wal_flush_lsn()") }
    try await eventually("a standby that has it") {
      try await replica.value(
        "SELECT pg_last_wal_receive_lsn() >= $1::pg_lsn", [.text(flushed)]) == "t"
    }
    // It gets nothing more.
    try await replica.query("ALTER SYSTEM SET primary_conninfo = ''")
    try await replica.query("SELECT pg_reload_conf()")
    try await Task.sleep(for: Self.pause)
    await replica.close()
    try await stack.control("crash", "postgres")
    trial.history.forgive(from: mark)
    trial.history.forgive(from: 0, of: careless.orgID)
    try await standby.promote()
    try await standby.crash()
    try await run("/bin/rm", ["-rf", data])
    try await run("/bin/mv", [standby.folder, data])
    try await stack.control("up", "postgres")
  }

  func putFilesBack() async throws {
    let copy = "\(data).copy"
    try await stack.control("down", "postgres")
    let mark = trial.history.mark
    try await run("/bin/cp", ["-a", data, copy])
    try await stack.control("up", "postgres")
    try await Task.sleep(for: Self.pause)
    try await stack.control("down", "postgres")
    trial.history.forgive(from: mark)
    try await run("/bin/rm", ["-rf", data])
    try await run("/bin/mv", [copy, data])
    try await stack.control("up", "postgres")
  }

  func restoreDump() async throws {
    let name = trial.scene.database.name
    let file = "\(stack.folder)/dump\(number())"
    // No database is dropped in which something is prepared.
    try await endPrepared("ROLLBACK PREPARED")
    let mark = trial.history.mark
    try await run(
      "\(stack.postgresBin)/pg_dump", ["-Fc", "-f", file, "-d", stack.conninfo(database: name)])
    try await Task.sleep(for: Self.pause)
    try await administer("CREATE DATABASE \(name)_new")
    // Beside the old one: nobody writes into half a database.
    try await run(
      "\(stack.postgresBin)/pg_restore",
      ["--exit-on-error", "-d", stack.conninfo(database: "\(name)_new"), file])
    let owner = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: stack.conninfo(database: "\(name)_new")))
    try await owner.query("SELECT admin.apply_database_settings()")
    await owner.close()
    try await administer("DROP DATABASE \(name) WITH (FORCE)")
    trial.history.forgive(from: mark)
    try await administer("ALTER DATABASE \(name)_new RENAME TO \(name)")
    try await run("/bin/rm", ["-f", file])
  }

  /// Loads from there are complete ones, of some seconds ago: nobody goes back by them.
  func readFromReplica(_ pod: Int) async throws {
    guard isFirst("readFromReplica") else { return }
    let replica = try await PostgresServer.copy(
      of: stack, name: "replica\(number())", port: Int(stack.postgresPort)! + 2)
    try await replica.append("recovery_min_apply_delay = '3s'", to: "postgresql.auto.conf")
    try await replica.start()
    database[Self.bridges + pod].turn(
      toSocket: "\(stack.postgresHost)/.s.PGSQL.\(replica.port)")
    atCalm {
      self.turnHome(Self.bridges + pod)
      try await replica.crash()
      try await self.run("/bin/rm", ["-rf", replica.folder])
    }
  }

  private func administer(_ sql: String) async throws {
    let connection = try await PostgresConnection.connect(
      PostgresConfiguration(conninfo: stack.conninfo(database: "postgres")))
    try await connection.query(sql)
    await connection.close()
  }

  private func run(_ path: String, _ arguments: [String]) async throws {
    let result = try await Tool.run(path, arguments)
    guard result.status == 0 else { throw TestSupportError("\(path): \(result.error)") }
  }
}
