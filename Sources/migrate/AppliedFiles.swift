/// What is applied of the versioned files, by number. Of a file at hand that is what was applied, it is kept
/// that it is: a long history takes next to no memory.
struct AppliedFiles: Sendable {
  /// What is applied under a number.
  enum State: Sendable, Equatable {
    /// The file at hand, as it is.
    case same
    case other(Ledger.Entry)
  }

  /// The files at hand.
  private let files: VersionedFiles
  /// Which of them are applied as they are, by index.
  private var isSame: [Bool]
  /// Everything else that is applied.
  private(set) var others: [Int: Ledger.Entry] = [:]
  /// The highest number; 0: none.
  private(set) var newest = 0
  /// The only number whose file is asked for; `nil`: any may be.
  private let only: Int?

  /// - Parameters:
  ///   - files: By number, ascending.
  ///   - only: The only number whose file will be asked for; `nil`: any may be.
  init(files: VersionedFiles = VersionedFiles(), keeping only: Int? = nil) {
    self.files = files
    self.only = only
    isSame = Array(repeating: false, count: files.count)
  }

  subscript(number: Int) -> State? {
    if let index = files.index(of: number), isSame[index] { return .same }
    return others[number].map(State.other)
  }

  mutating func add(_ entry: Ledger.Entry, number: Int) {
    newest = max(newest, number)
    guard only.map({ $0 == number }) ?? true else { return }
    let index = files.index(of: number)
    let isSame = index.map { files.isSame($0, as: entry) } ?? false
    if let index { self.isSame[index] = isSame }
    others[number] = isSame ? nil : entry
  }

  /// How what is applied is called; `nil`: nothing is.
  func path(of number: Int) -> String? {
    if let index = files.index(of: number), isSame[index] { return files[index].path }
    return others[number]?.path
  }

  /// The lowest number; `nil`: none.
  var oldest: Int? {
    let same = isSame.firstIndex(of: true).map { files.number(at: $0) }
    return [same, others.keys.min()].compactMap { $0 }.min()
  }
}
