/// What is applied of the versioned files, by number. Where the files at hand are what was applied, that is
/// all that is kept: a long history takes no more memory than its files.
struct AppliedFiles: Sendable, Equatable {
  /// The files at hand, by number, ascending.
  private let files: [MigrationFile]
  /// Which of them are applied as they are, by index.
  private var isSame: [Bool]
  /// Everything else that is applied.
  private var others: [Int: Ledger.Entry] = [:]
  /// The highest number; 0: none.
  private(set) var newest = 0

  /// - Parameter files: By number, ascending.
  init(files: [MigrationFile] = []) {
    self.files = files
    isSame = Array(repeating: false, count: files.count)
  }

  subscript(number: Int) -> Ledger.Entry? {
    get {
      guard let index = index(of: number), isSame[index] else { return others[number] }
      let file = files[index]
      return Ledger.Entry(path: file.path, hash: file.hash, rawHash: file.rawHash)
    }
    set {
      if newValue != nil { newest = max(newest, number) }
      others[number] = newValue
      guard let index = index(of: number) else { return }
      let file = files[index]
      isSame[index] =
        newValue?.path == file.path && newValue?.hash == file.hash
        && newValue?.rawHash == file.rawHash
      if isSame[index] { others[number] = nil }
    }
  }

  /// In no order.
  var numbers: [Int] {
    files.indices.filter { isSame[$0] }.map { files[$0].version! } + others.keys
  }

  private func index(of number: Int) -> Int? {
    var first = 0
    var end = files.count
    while first < end {
      let middle = (first + end) / 2
      if files[middle].version! < number { first = middle + 1 } else { end = middle }
    }
    return first < files.count && files[first].version == number ? first : nil
  }
}
