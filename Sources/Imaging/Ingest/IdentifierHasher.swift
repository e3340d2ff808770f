import Crypto
public import Foundation

/// Turns identifiers of patients and places into keyed hashes: equal in, equal out, and no way back without the key.
public struct IdentifierHasher: Sendable {
  /// What is identified: equal numbers of different things must not look related.
  public enum Kind: String, Sendable {
    case patient, study, series, site
    /// Of a file that was refused, where paths are hidden.
    case path
  }

  private let key: SymmetricKey
  private let keepsIdentifiers: Bool

  /// - Parameter keepsIdentifiers: whether all but paths are left as they are written, because the user asked for it.
  /// - Precondition: the key is not empty; 32 random bytes are right.
  public init(key: Data, keepsIdentifiers: Bool = false) {
    self.keepsIdentifiers = keepsIdentifiers
    precondition(!key.isEmpty, "a hash without a key hides nothing")
    self.key = SymmetricKey(data: key)
  }

  /// The first 16 hexadecimal digits of HMAC-SHA256 over kind, a zero byte and the identifier without surrounding spaces; empty for an empty one.
  public func callAsFunction(_ kind: Kind, _ identifier: String) -> String {
    let trimmed = identifier.trimmingCharacters(in: .whitespacesAndNewlines)
    if trimmed.isEmpty || (keepsIdentifiers && kind != .path) { return trimmed }
    let message = Data("\(kind.rawValue)\0\(trimmed)".utf8)
    return HMAC<SHA256>.authenticationCode(for: message, using: key).prefix(8).hexadecimal
  }
}
