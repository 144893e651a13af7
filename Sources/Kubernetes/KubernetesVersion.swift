/// The version of an API server, as `/version` tells it.
public struct KubernetesVersion: Sendable, Comparable, CustomStringConvertible {
  /// The oldest that is supported, because it is the oldest that the tests run against.
  public static let oldest = KubernetesVersion(major: 1, minor: 20)

  /// 1 in 1.20.
  public var major: Int
  /// 20 in 1.20.
  public var minor: Int

  /// A version.
  public init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  /// Reads the answer of `/version`; `nil` if it is none. Providers write a minor version of `20+`.
  public init?(_ answer: JSONValue) {
    guard answer["gitVersion"]?.string != nil,
      let major = answer["major"]?.string.flatMap({ Int($0) }),
      let minor = answer["minor"]?.string.flatMap({ Int($0.prefix { $0.isNumber }) })
    else { return nil }
    self.init(major: major, minor: minor)
  }

  public static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }

  public var description: String { "\(major).\(minor)" }
}
