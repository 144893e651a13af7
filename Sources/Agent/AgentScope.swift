/// Whose configuration somebody may see.
public enum AgentScope: Sendable, Hashable, CustomStringConvertible {
  /// Every organisation's, and the platform's defaults: for services of the platform.
  case everything
  /// What holds for one organisation, the platform's defaults included: for its workloads.
  case organization(Int64)

  /// What is seen of this scope by who asks for one organisation (`nil`: for as much as there is);
  /// `nil` if that is outside of it.
  func narrowed(to orgID: Int64?) -> AgentScope? {
    guard let orgID else { return self }
    switch self {
    case .everything: return .organization(orgID)
    case .organization(let own): return own == orgID ? self : nil
    }
  }

  /// What is left of this scope within another one; `nil` if nothing is.
  func within(_ outer: AgentScope) -> AgentScope? {
    switch self {
    case .everything: outer
    case .organization(let orgID): outer.narrowed(to: orgID)
    }
  }

  public var description: String {
    switch self {
    case .everything: "everything"
    case .organization(let orgID): "organisation \(orgID)"
    }
  }
}
