/// An amount of a resource, such as `10`, `500m` or `20Gi`; compares by value, exactly.
///
/// Form and suffixes: Kubernetes documentation, "Quantity".
public struct Quantity: Sendable, Hashable, Comparable {
  /// The value is `digits` × 10^`exponent`, `digits` not divisible by ten unless it is zero.
  private let digits: Int64
  private let exponent: Int

  /// `nil` if the text is no quantity, or has more digits than 18.
  public init?(_ text: String) {
    var rest = text[...]
    let isNegative = rest.hasPrefix("-")
    if isNegative || rest.hasPrefix("+") { rest = rest.dropFirst() }
    let whole = rest.prefix { $0.isASCII && $0.isNumber }
    rest = rest.dropFirst(whole.count)
    var fraction = rest.prefix(0)
    if rest.hasPrefix(".") {
      fraction = rest.dropFirst().prefix { $0.isASCII && $0.isNumber }
      rest = rest.dropFirst(fraction.count + 1)
    }
    guard !(whole.isEmpty && fraction.isEmpty), var value = Int64(whole + fraction) else {
      return nil
    }
    var power = -fraction.count

    switch rest {
    case "": break
    case "n": power -= 9
    case "u": power -= 6
    case "m": power -= 3
    case "k": power += 3
    case "M": power += 6
    case "G": power += 9
    case "T": power += 12
    case "P": power += 15
    case "E": power += 18
    case "Ki", "Mi", "Gi", "Ti", "Pi", "Ei":
      let shift = ["Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60][rest]!
      let (product, overflow) = value.multipliedReportingOverflow(by: 1 << shift)
      if overflow { return nil }
      value = product
    default:
      guard let first = rest.first, "eE".contains(first), let number = Int(rest.dropFirst()),
        abs(number) < 100
      else { return nil }
      power += number
    }
    while value != 0, value % 10 == 0 {
      value /= 10
      power += 1
    }
    digits = isNegative ? -value : value
    exponent = value == 0 ? 0 : power
  }

  public static func < (a: Quantity, b: Quantity) -> Bool {
    if a.digits.signum() != b.digits.signum() { return a.digits < b.digits }
    let common = min(a.exponent, b.exponent)
    func scaled(_ quantity: Quantity) -> Int64? {
      (common..<quantity.exponent).reduce(Int64?.some(quantity.digits)) { value, _ in
        guard let (product, overflow) = value?.multipliedReportingOverflow(by: 10) else {
          return nil
        }
        return overflow ? nil : product
      }
    }
    switch (scaled(a), scaled(b)) {
    case (let a?, let b?): return a < b
    // Only the one with the larger exponent can be too large for 64 bits.
    case (nil, _): return a.digits < 0
    case (_, nil): return b.digits > 0
    }
  }
}
