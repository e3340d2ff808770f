import Foundation
import Pipeline

/// Fields that take a number or a word such as `auto`: nil stands for the word.
extension ParameterValue {
  var integer: Int? { if case .integer(let value) = self { value } else { nil } }

  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  var word: String? { if case .text(let value) = self { value } else { nil } }

  /// A word, or a list of words.
  var words: [String] {
    switch self {
    case .text(let value): [value]
    case .list(let values): values.compactMap(\.word)
    default: []
    }
  }
}

/// A number with a fixed count of decimals, for people; never for files that are compared.
package func fixed(_ value: Double, digits: Int) -> String { String(format: "%.\(digits)f", value) }
