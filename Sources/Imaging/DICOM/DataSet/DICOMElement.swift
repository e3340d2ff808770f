/// Where one element of a data set stands; its value is read when it is asked for.
package struct DICOMElement: Sendable {
  package var tag: DICOMTag
  package var representation: DICOMRepresentation
  /// The value in the file: cut short where the file ends before it, without the delimiter where the length is undefined.
  package var value: Range<Int>
  /// Whether the length is FFFFFFFF: items up to a delimiter.
  package var isUndefinedLength: Bool
  /// Whether the file ends before the value does.
  package var isCut: Bool
}
