internal import Glibc

/// Names this process among all that ever ran.
public enum ProcessIdentity {
  /// `host:pid:random`. The random part tells a process from a later one that got the same id, as in
  /// containers, where every daemon is process 1.
  public static func unique() -> String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let random = String(UInt32.random(in: 0...UInt32.max), radix: 16)
    return "\(host):\(getpid()):\(random)"
  }
}
