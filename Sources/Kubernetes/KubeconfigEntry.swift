internal import Foundation
internal import HTTP
internal import Yams

/// An object of a kubeconfig file, and the file that it stands in.
struct KubeconfigEntry {
  let path: String
  private let members: [String: Any]

  /// The whole file.
  init(path: String) throws {
    guard let bytes = WatchedFile.content(of: path),
      let text = String(validating: bytes, as: UTF8.self)
    else {
      throw KubernetesError(configuration: "cannot read the kubeconfig \(path)")
    }
    try self.init(path: path, text: text)
  }

  /// The whole file, which says this; an empty one has nothing in it.
  init(path: String, text: String) throws {
    self.path = path
    let value: Any?
    do {
      value = try Yams.load(yaml: text)
    } catch {
      throw KubernetesError(
        configuration: "the kubeconfig \(path) is no YAML: \(Self.reason(error))")
    }
    guard let members = (value ?? [:]) as? [String: Any] else {
      throw KubernetesError(configuration: "the kubeconfig \(path) is no YAML object")
    }
    self.members = members
  }

  /// Without the line itself, which may hold a token.
  private static func reason(_ error: any Error) -> String {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line), column \(mark.column): \(problem)"
    case .reader(let problem, _, _, _): problem
    default: "it cannot be read"
    }
  }

  private init(path: String, members: [String: Any]) {
    self.path = path
    self.members = members
  }

  /// One without members, in the same file.
  func empty() -> KubeconfigEntry { KubeconfigEntry(path: path, members: [:]) }

  /// A text; `nil` if it is absent or empty. What YAML takes for something else (a token of digits
  /// without quotes) is refused: passing it over would make us anonymous.
  func text(_ key: String) throws -> String? {
    guard let value = value(key) else { return nil }
    guard let text = value as? String else { throw wrong("has a \(key) that is no text; quote it") }
    return text.isEmpty ? nil : text
  }

  /// Whether a member is there, be it empty.
  func has(_ key: String) -> Bool { value(key) != nil }

  /// Whether a member is there and an empty text.
  func isEmpty(_ key: String) -> Bool { (value(key) as? String)?.isEmpty == true }

  /// A yes or no; absent is no.
  func flag(_ key: String) throws -> Bool {
    guard let value = value(key) else { return false }
    guard let flag = value as? Bool else { throw wrong("has a \(key) that is not true or false") }
    return flag
  }

  /// A list of texts; absent is empty.
  func texts(_ key: String) throws -> [String] {
    guard let value = value(key) else { return [] }
    guard let texts = value as? [String] else {
      throw wrong("has \(key) that are no list of texts; quote them")
    }
    return texts
  }

  /// An object; `nil` if it is absent.
  func entry(_ key: String) throws -> KubeconfigEntry? {
    guard let value = value(key) else { return nil }
    guard let members = value as? [String: Any] else {
      throw wrong("has a \(key) that is no object")
    }
    return KubeconfigEntry(path: path, members: members)
  }

  /// A list of objects; absent is empty.
  func entries(_ key: String) throws -> [KubeconfigEntry] {
    guard let value = value(key) else { return [] }
    guard let list = value as? [[String: Any]] else {
      throw wrong("has \(key) that are no list of objects")
    }
    return list.map { KubeconfigEntry(path: path, members: $0) }
  }

  /// Anything; `nil` if it is absent.
  func json(_ key: String) -> JSONValue? { value(key).map(JSONValue.init(yaml:)) }

  /// Bytes in Base64, which may be folded into lines.
  func base64(_ key: String) throws -> [UInt8]? {
    guard let text = try text(key) else { return nil }
    guard let data = Data(base64Encoded: text.filter { !$0.isWhitespace }) else {
      throw wrong("has a \(key) that is no Base64")
    }
    return Array(data)
  }

  /// A path; a relative one starts from the file's own folder.
  func path(_ key: String) throws -> String? { try text(key).map(resolved) }

  /// A path that stands in this file.
  func resolved(_ file: String) -> String {
    guard !file.hasPrefix("/") else { return file }
    return URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent(file).path
  }

  func bytes(ofFile path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw wrong("names \(path), which cannot be read")
    }
    return Array(data)
  }

  /// Refuses members that are known and not supported.
  func refuse(_ keys: [String]) throws {
    for key in keys where value(key) != nil {
      let value = try? text(key)
      let what = key == "password" ? key : key + (value.map { " (\($0))" } ?? "")
      throw wrong("asks for \(what), which is not supported")
    }
  }

  /// Refuses members that are unknown: a typing mistake, or something new that would be passed over.
  func refuseAll(but keys: Set<String>) throws {
    if let key = members.keys.sorted().first(where: { !keys.contains($0) && value($0) != nil }) {
      throw wrong("has a \"\(key)\", which is not known here")
    }
  }

  func wrong(_ why: String) -> KubernetesError {
    KubernetesError(configuration: "the kubeconfig \(path) \(why)")
  }

  private func value(_ key: String) -> Any? {
    guard let value = members[key], !(value is NSNull) else { return nil }
    return value
  }
}

extension JSONValue {
  /// What Yams has read.
  fileprivate init(yaml value: Any) {
    switch value {
    case let value as Bool: self = .bool(value)
    case let value as Int: self = .integer(Int64(value))
    case let value as Double: self = .number(value)
    case let value as String: self = .string(value)
    case let value as [Any]: self = .array(value.map(JSONValue.init(yaml:)))
    case let value as [String: Any]: self = .object(value.mapValues(JSONValue.init(yaml:)))
    default: self = value is NSNull ? .null : .string("\(value)")
    }
  }
}
