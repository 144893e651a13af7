/// Reads a collection page by page. Takes answers, asks for pages.
///
/// A page belongs to the state of the cluster that the first one showed. When the API server has
/// forgotten that (410, after some minutes), everything is read anew; when that happens again and again,
/// in one piece, as client-go does.
struct Pager {
  enum Action: Equatable {
    /// Ask for this page; an empty `continue` begins.
    case read(limit: Int?, continue: String?)
    case done
  }

  private static let attempts = 3

  private let limit: Int
  private var expired = 0
  private(set) var items: [JSONValue] = []
  private(set) var resourceVersion: String?

  init(limit: Int) { self.limit = limit }

  /// The first action.
  func start() -> Action { .read(limit: limit, continue: nil) }

  /// A page has come.
  mutating func take(_ page: JSONValue) -> Action {
    items += page["items"]?.array ?? []
    resourceVersion = page["metadata"]?["resourceVersion"]?.string
    guard let next = page["metadata"]?["continue"]?.string, !next.isEmpty else { return .done }
    return .read(limit: limit, continue: next)
  }

  /// A page was refused with 410. `nil`: that is the end.
  mutating func expire() -> Action? {
    expired += 1
    items = []
    guard expired <= Self.attempts else { return nil }
    return .read(limit: expired == Self.attempts ? nil : limit, continue: nil)
  }
}
