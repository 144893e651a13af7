internal import JSONText

/// Why a text is no definition: `rules[1].priority is no whole number …`.
struct FlagFault: Error, Equatable, CustomStringConvertible {
  var description: String

  init(_ path: String, _ what: String) { description = "\(path) \(what)" }
}

extension FlagDefinition {
  /// Reads the platform's value of a flag's key. What PostgreSQL refuses when it is written
  /// (`config.check_flag`) is refused here, too: a definition that is half understood, as by a program that
  /// is older than the database, would give other answers than the database's.
  init(parsing text: String) throws(FlagFault) {
    let json: FlagJSON
    do throws(JSONError) {
      json = try FlagJSON(parsing: text)
    } catch {
      throw FlagFault("it", "is \(error)")
    }
    switch json.kind {
    case .bool(let isOn): self.init(isOn: isOn)
    case .object: try self.init(object: json, Array(text.utf8))
    case .null, .number, .string, .list:
      throw FlagFault("it", "is neither true, false nor an object")
    }
  }

  private init(object: FlagJSON, _ source: [UInt8]) throws(FlagFault) {
    self.init(isOn: true)
    try object.checkMembers(
      "it", required: [],
      optional: [
        "enabled", "killed", "salt", "from", "until", "prerequisites", "variants", "off", "rules",
        "default", "rollout",
      ])
    isEnabled = try Self.flag(object, "enabled") ?? true
    isKilled = try Self.flag(object, "killed") ?? false
    if let salt = object["salt"] {
      guard let text = salt.string, text.utf8.count <= 63,
        text.utf8.allSatisfy({ $0.isLetterOrDigit || $0 == 0x5F || $0 == 0x2D })
      else { throw FlagFault("salt", "is no text of letters, digits, hyphens and underscores") }
      self.salt = text
    }
    from = try Self.time(object, "from")
    until = try Self.time(object, "until")
    if let from, let until, until <= from { throw FlagFault("until", "is not after from") }
    if let variants = object["variants"] {
      self.variants = try Self.variants(variants, source)
    }
    off = try Self.variant(object, "off", or: "off", of: self)
    switch (object["default"], object["rollout"]) {
    case (_?, _?): throw FlagFault("it", "has both default and rollout")
    case (nil, let rollout?):
      otherwise = .rollout(try FlagRollout(rollout, "rollout", of: self))
    case (_, nil): otherwise = .variant(try Self.variant(object, "default", or: "on", of: self))
    }
    if let prerequisites = object["prerequisites"] {
      self.prerequisites = try Self.prerequisites(prerequisites)
    }
    if let rules = object["rules"] { self.rules = try Self.rules(rules, of: self) }
  }

  private static func flag(_ object: FlagJSON, _ name: String) throws(FlagFault) -> Bool? {
    guard let value = object[name] else { return nil }
    guard let flag = value.bool else { throw FlagFault(name, "is neither true nor false") }
    return flag
  }

  private static func time(_ object: FlagJSON, _ name: String) throws(FlagFault) -> FlagTime? {
    guard let value = object[name] else { return nil }
    guard let time = value.string.flatMap(FlagTime.init) else {
      throw FlagFault(name, "is no time like 2026-12-01T08:00:00Z")
    }
    return time
  }

  private static func variants(
    _ json: FlagJSON, _ source: [UInt8]
  ) throws(FlagFault) -> [Variant] {
    guard case .object(let members) = json.kind, (1...20).contains(members.count) else {
      throw FlagFault("variants", "is no object of 1 to 20 variants")
    }
    if let wrong = members.first(where: { !$0.name.isVariantName }) {
      throw FlagFault("variants", "has '\(wrong.name)', which is no name of a variant")
    }
    return members.map { name, value in
      Variant(
        name: name, value: FlagValue(value),
        text: String(decoding: source[value.range], as: UTF8.self))
    }
  }

  private static func variant(
    _ object: FlagJSON, _ name: String, or implied: String, of definition: FlagDefinition
  ) throws(FlagFault) -> Int {
    let wanted = object[name].map(\.string) ?? implied
    guard let wanted, let place = definition.place(of: wanted) else {
      throw FlagFault(name, "is none of the variants")
    }
    return place
  }

  private static func prerequisites(_ json: FlagJSON) throws(FlagFault) -> [Prerequisite] {
    guard let list = json.list, list.count <= 10 else {
      throw FlagFault("prerequisites", "is no list of at most 10 flags")
    }
    var prerequisites: [Prerequisite] = []
    for (number, each) in list.enumerated() {
      let path = "prerequisites[\(number)]"
      try each.checkMembers(path, required: ["flag", "variant"], optional: [])
      guard let flag = each["flag"]?.string, let variant = each["variant"]?.string else {
        throw FlagFault(path, "has a flag or variant that is no text")
      }
      prerequisites.append(Prerequisite(flag: flag, variant: variant))
    }
    return prerequisites
  }

  private static func rules(
    _ json: FlagJSON, of definition: FlagDefinition
  ) throws(FlagFault) -> [Rule] {
    guard let list = json.list, list.count <= 100 else {
      throw FlagFault("rules", "is no list of at most 100 rules")
    }
    var rules: [Rule] = []
    var last = -1
    for (number, each) in list.enumerated() {
      let path = "rules[\(number)]"
      try each.checkMembers(
        path, required: ["priority", "when"], optional: ["name", "variant", "rollout"])
      guard let priority = each["priority"]?.number?.smallWhole else {
        throw FlagFault("\(path).priority", "is no whole number from 0 to 999999")
      }
      guard priority > last else {
        throw FlagFault("\(path).priority", "is not above that of the rule before, \(last)")
      }
      last = priority
      rules.append(try Rule(each, path, of: definition))
    }
    return rules
  }
}

extension FlagDefinition.Rule {
  fileprivate init(
    _ json: FlagJSON, _ path: String, of definition: FlagDefinition
  ) throws(FlagFault) {
    if let name = json["name"] {
      guard let text = name.string, (1...100).contains(text.unicodeScalars.count) else {
        throw FlagFault("\(path).name", "is no text of 1 to 100 characters")
      }
      self.name = text
    }
    switch (json["variant"], json["rollout"]) {
    case (let variant?, nil):
      guard let place = variant.string.flatMap(definition.place) else {
        throw FlagFault("\(path).variant", "is none of the variants")
      }
      outcome = .variant(place)
    case (nil, let rollout?):
      outcome = .rollout(try FlagRollout(rollout, "\(path).rollout", of: definition))
    case (nil, nil), (_?, _?):
      throw FlagFault(path, "has not exactly one of variant and rollout")
    }
    guard let list = json["when"]?.list, list.count <= 20 else {
      throw FlagFault("\(path).when", "is no list of at most 20 conditions")
    }
    conditions = []
    for (number, each) in list.enumerated() {
      conditions.append(try FlagCondition(each, "\(path).when[\(number)]"))
    }
  }
}

extension FlagRollout {
  fileprivate init(
    _ json: FlagJSON, _ path: String, of definition: FlagDefinition
  ) throws(FlagFault) {
    try json.checkMembers(path, required: ["shares"], optional: ["by"])
    by = .subject
    if let name = json["by"] {
      guard let text = name.string, text.isAttributeName else {
        throw FlagFault("\(path).by", "is no name of an attribute")
      }
      by = FlagAttribute(text)
    }
    guard let list = json["shares"]?.list, (1...20).contains(list.count) else {
      throw FlagFault("\(path).shares", "is no list of 1 to 20 shares")
    }
    shares = []
    var end = 0
    for (number, share) in list.enumerated() {
      let path = "\(path).shares[\(number)]"
      try share.checkMembers(path, required: ["variant", "weight"], optional: [])
      guard let place = share["variant"]?.string.flatMap(definition.place) else {
        throw FlagFault("\(path).variant", "is none of the variants")
      }
      guard let weight = share["weight"]?.number?.smallWhole else {
        throw FlagFault("\(path).weight", "is no whole number from 0 to 100000")
      }
      end += weight
      shares.append((variant: place, end: end))
    }
    guard end == 100_000 else {
      throw FlagFault("\(path).shares", "add up to \(end), not to 100000")
    }
  }
}
