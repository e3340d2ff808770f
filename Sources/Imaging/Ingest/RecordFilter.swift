import Records

/// Which images are wanted by what their files say: `where: { modality: [CR, DX] }`. All fields must fit; letter case is ignored.
public struct RecordFilter: Sendable, Hashable {
  /// The fields that can be asked for.
  public static let fields = ["body_part", "kind", "modality", "view"]

  private let wanted: [(field: String, values: Set<String>)]

  /// Everything is wanted.
  public init() { wanted = [] }

  /// - Throws: `UnknownFilterField` for a name that is not in `fields`.
  public init(_ conditions: [String: [String]]) throws {
    for field in conditions.keys.sorted() where !RecordFilter.fields.contains(field) {
      throw UnknownFilterField(field: field)
    }
    wanted = conditions.sorted { $0.key < $1.key }.map { ($0.key, Set($0.value.map { $0.uppercased() })) }
  }

  /// The first field that does not fit, or nil.
  func firstMismatch(_ record: ImageRecord) -> String? {
    wanted.first { !$0.values.contains(RecordFilter.value($0.field, record).uppercased()) }?.field
  }

  private static func value(_ field: String, _ record: ImageRecord) -> String {
    switch field {
    case "body_part": record.bodyPart
    case "kind": record.kind
    case "modality": record.modality
    default: record.view
    }
  }

  public static func == (a: RecordFilter, b: RecordFilter) -> Bool {
    a.wanted.elementsEqual(b.wanted) { $0.field == $1.field && $0.values == $1.values }
  }

  public func hash(into hasher: inout Hasher) {
    for (field, values) in wanted {
      hasher.combine(field)
      hasher.combine(values)
    }
  }
}

/// A filter on a field that images do not have.
public struct UnknownFilterField: Error, Sendable, Equatable, CustomStringConvertible {
  public let field: String
  public var description: String {
    "images have no field \(field); there are \(RecordFilter.fields.joined(separator: ", "))"
  }
}
