internal import Synchronization

/// The figures that a daemon exposes on `/metrics`, in Prometheus's text format.
///
/// Every metric is declared once, with its help text, before it is used: a name that was not declared
/// is a programming error.
public final class Metrics: Sendable {
  /// What a metric means to Prometheus.
  public enum Kind: String, Sendable {
    case counter
    case gauge
    /// Buckets in seconds, as Prometheus's base unit demands.
    case histogram
  }

  /// Upper bounds of the buckets of every histogram, in seconds: 0.5 ms to 60 s.
  public static let bounds = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]

  private struct Series {
    var value = 0.0
    var buckets: [Int] = []
    var count = 0
  }

  private struct Family {
    let kind: Kind
    let help: String
    var series: [String: Series] = [:]
  }

  private let families = Mutex<[String: Family]>([:])
  private let hooks = Mutex<[@Sendable () -> Void]>([])

  /// An empty registry.
  public init() {}

  /// Declares a metric. One without labels is exposed as 0 from the start, so that an alert on its
  /// absence is not raised by a daemon that has had nothing to do yet.
  public func declare(_ kind: Kind, _ name: String, help: String, labelled: Bool = false) {
    families.withLock {
      var family = Family(kind: kind, help: help)
      if !labelled { family.series[""] = Self.empty(kind) }
      $0[name] = family
    }
  }

  /// Adds to a counter.
  public func add(
    _ name: String, _ amount: Double = 1, _ labels: KeyValuePairs<String, String> = [:]
  ) {
    update(name, labels) { $0.value += amount }
  }

  /// Sets a gauge, or a counter that is kept elsewhere.
  public func set(_ name: String, _ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
    update(name, labels) { $0.value = value }
  }

  /// Counts a duration into a histogram.
  public func observe(
    _ name: String, _ duration: Duration, _ labels: KeyValuePairs<String, String> = [:]
  ) {
    let seconds =
      Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    update(name, labels) { series in
      series.value += seconds
      series.count += 1
      for (index, bound) in Self.bounds.enumerated() where seconds <= bound {
        series.buckets[index] += 1
      }
    }
  }

  /// Has `body` called before each scrape, to set what is counted elsewhere.
  public func beforeExposition(_ body: @escaping @Sendable () -> Void) {
    hooks.withLock { $0.append(body) }
  }

  /// The text that Prometheus scrapes (exposition format 0.0.4), sorted by name.
  public func exposition() -> String {
    for hook in hooks.withLock({ $0 }) { hook() }
    let families = families.withLock { $0 }
    var text = ""
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind.rawValue)\n"
      for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
        switch family.kind {
        case .counter, .gauge:
          text += "\(name)\(Self.braced(labels)) \(Self.number(series.value))\n"
        case .histogram:
          for (bound, count) in zip(Self.bounds, series.buckets) {
            text += "\(name)_bucket\(Self.braced(labels, le: Self.number(bound))) \(count)\n"
          }
          text += "\(name)_bucket\(Self.braced(labels, le: "+Inf")) \(series.count)\n"
          text += "\(name)_sum\(Self.braced(labels)) \(Self.number(series.value))\n"
          text += "\(name)_count\(Self.braced(labels)) \(series.count)\n"
        }
      }
    }
    return text
  }

  private func update(
    _ name: String, _ labels: KeyValuePairs<String, String>, _ change: (inout Series) -> Void
  ) {
    let key = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
    families.withLock { families in
      guard let kind = families[name]?.kind else {
        preconditionFailure("undeclared metric \(name)")
      }
      change(&families[name]!.series[key, default: Self.empty(kind)])
    }
  }

  private static func empty(_ kind: Kind) -> Series {
    kind == .histogram ? Series(buckets: Array(repeating: 0, count: bounds.count)) : Series()
  }

  private static func braced(_ labels: String, le: String? = nil) -> String {
    let all = [labels, le.map { "le=\"\($0)\"" } ?? ""].filter { !$0.isEmpty }
    return all.isEmpty ? "" : "{\(all.joined(separator: ","))}"
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
  }

  private static func escaped(_ value: String) -> String {
    var result = ""
    for character in value {
      switch character {
      case "\\": result += "\\\\"
      case "\"": result += "\\\""
      case "\n": result += "\\n"
      default: result.append(character)
      }
    }
    return result
  }
}
