/// What an image shows: the label that a sorter is asked to find again.
package enum Kind: String, CaseIterable, Sendable {
  case chest, hand, head, abdomen
  case glands, lymphoid, stroma

  package enum Family: String, Sendable { case radiograph, pathology }

  package var family: Family {
    switch self {
    case .chest, .hand, .head, .abdomen: .radiograph
    case .glands, .lymphoid, .stroma: .pathology
    }
  }
}
