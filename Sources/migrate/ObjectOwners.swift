/// Which of the repeatable files that were applied together has made which object.
struct ObjectOwners: Sendable {
  struct File: Sendable {
    var path: String
    /// Names that it creates by a statement of its own.
    var names: Set<String>
    /// The number of the first command of the transaction that is behind the file.
    var end: Int
  }

  struct Changed: Sendable {
    var object: DatabaseObject
    /// Its name without schema and arguments.
    var name: String
    /// The command that wrote it last.
    var command: Int
    /// Whether it was not there before.
    var isNew: Bool
  }

  /// In the order in which they were applied.
  let files: [File]
  /// Whose an object was by then, among the files that there are.
  let before: [DatabaseObject: String]

  /// The path of the file whose it is; `nil`: of none that was applied now.
  ///
  /// A file that says CREATE with the object's name; of several the one whose turn it was. A file that only
  /// grants a right on an object of another's, or of a migration's, does not make it its own.
  func owner(of changed: Changed) -> String? {
    let turn = files.first { changed.command < $0.end }?.path
    let creators = files.filter { $0.names.contains(changed.name) }.map(\.path)
    if let turn, creators.contains(turn) { return turn }
    if let first = creators.first { return first }
    // DO and EXECUTE create, too.
    return before[changed.object] ?? (changed.isNew ? turn : nil)
  }
}
