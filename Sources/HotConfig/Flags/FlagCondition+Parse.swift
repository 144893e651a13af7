extension FlagCondition {
  /// Reads a condition of a definition.
  init(_ json: FlagJSON, _ path: String) throws(FlagFault) {
    try json.checkMembers(path, required: ["attribute", "operator"], optional: ["values"])
    guard let attribute = json["attribute"]?.string, attribute.isAttributeName else {
      throw FlagFault("\(path).attribute", "is no name of an attribute")
    }
    self.attribute = FlagAttribute(attribute)
    let named = json["operator"]?.string ?? ""
    if named == "exists" || named == "not_exists" {
      guard json["values"] == nil else {
        throw FlagFault(path, "has values, which \(named) does not take")
      }
      test = named == "exists" ? .exists : .notExists
      return
    }
    guard let values = json["values"]?.list, (1...1000).contains(values.count) else {
      throw FlagFault("\(path).values", "is no list of 1 to 1000 values")
    }
    let reader = Values(path: path, values: values)
    switch named {
    case "in": test = .within(try reader.list())
    case "not_in": test = .outside(try reader.list())
    case "starts_with": test = .startsWith(try reader.texts())
    case "ends_with": test = .endsWith(try reader.texts())
    case "contains": test = .contains(try reader.texts())
    case "less": test = .less(try reader.number())
    case "at_most": test = .atMost(try reader.number())
    case "more": test = .more(try reader.number())
    case "at_least": test = .atLeast(try reader.number())
    case "before": test = .before(try reader.time())
    case "after": test = .after(try reader.time())
    case "version_below": test = .versionBelow(try reader.release())
    case "version_at_least": test = .versionAtLeast(try reader.release())
    default: throw FlagFault("\(path).operator", "is the unknown '\(named)'")
    }
  }

  /// What a condition compares with.
  private struct Values {
    var path: String
    var values: [FlagJSON]

    private func fault(_ what: String) -> FlagFault { FlagFault("\(path).values", what) }

    private func one() throws(FlagFault) -> FlagJSON {
      guard values.count == 1 else { throw fault("has more than one value") }
      return values[0]
    }

    func list() throws(FlagFault) -> FlagList {
      var list = FlagList()
      for value in values where !list.add(value) {
        throw fault(
          "has a value that is no text, number or boolean, or a number that no double holds")
      }
      return list
    }

    func texts() throws(FlagFault) -> [String] {
      var texts: [String] = []
      for value in values {
        guard let text = value.string, !text.isEmpty else {
          throw fault("has a value that is no text, or empty")
        }
        texts.append(text)
      }
      return texts
    }

    func number() throws(FlagFault) -> Double {
      guard let number = try one().number?.double else {
        throw fault("has a value that is no number, or none that a double holds")
      }
      return number
    }

    func time() throws(FlagFault) -> FlagTime {
      guard let time = try one().string.flatMap(FlagTime.init) else {
        throw fault("has no time like 2026-12-01T08:00:00Z")
      }
      return time
    }

    func release() throws(FlagFault) -> FlagRelease {
      guard let release = try one().string.flatMap(FlagRelease.init) else {
        throw fault("has no version like 2.10.0")
      }
      return release
    }
  }
}
