/// A file's header to look at without learning who it is of: the elements with their values where these are harmless, else without.
///
/// Values of attributes on an allow-list (`SafeAttributes`) are shown, and only where they have the form that their representation demands, so that
/// a name in the wrong place stays hidden too. Of everything else the tag and the representation are shown.
package enum DICOMHeader {
  /// Stands where a value was.
  package static let removed = "(removed)"
  /// Values of one element, and items of one sequence, that are shown.
  private static let shown = 16

  /// One line an element: tag, representation, keyword and value; items of sequences are indented by two spaces a level.
  /// - Complexity: O(elements); pixel data is not read.
  package static func deidentified(_ file: DICOMFile) -> [String] {
    var lines: [String] = []
    add(file.meta, depth: 0, to: &lines)
    add(file.dataSet, depth: 0, to: &lines)
    return lines
  }

  private static func add(_ dataSet: DICOMDataSet, depth: Int, to lines: inout [String]) {
    let indent = String(repeating: "  ", count: depth)
    let isCodeShown = CodedConcept.isPublished(dataSet)
    for element in dataSet.elements {
      let attribute = element.tag.isPrivate ? nil : SafeAttributes.all[element.tag]
      let representation =
        element.representation.isLetters ? element.representation : attribute?.representation ?? .unknown
      var line =
        "\(indent)(\(hexadecimal(element.tag.group)),\(hexadecimal(element.tag.element))) \(representation.text)"
      guard let attribute else {
        lines.append("\(line) \(removed)")
        continue
      }
      line += " \(attribute.keyword)"
      if attribute.representation == .sequence {
        let items = element.isUndefinedLength || !element.value.isEmpty ? dataSet.items(element) ?? [] : []
        lines.append("\(line): \(items.count) item\(items.count == 1 ? "" : "s")")
        for (number, item) in items.prefix(shown).enumerated() {
          lines.append("\(indent)  item \(number + 1)")
          add(item, depth: depth + 2, to: &lines)
        }
        if items.count > shown { lines.append("\(indent)  and \(items.count - shown) more") }
      } else if CodedConcept.tags.contains(element.tag) && !isCodeShown {
        lines.append("\(line): \(removed)")
      } else {
        lines.append("\(line): \(value(of: element, dataSet, attribute.representation))")
      }
    }
  }

  private static func value(
    of element: DICOMElement, _ dataSet: DICOMDataSet, _ representation: DICOMRepresentation
  ) -> String {
    if element.value.isEmpty { return "" }
    switch representation.text {
    case "OB", "OW", "OF", "OD", "OL", "OV":
      return element.isUndefinedLength ? "fragments" : "\(element.value.count) bytes"
    case "US", "SS", "UL", "SL", "FL", "FD", "AT":
      // A description of a table is three numbers; its entries are many.
      return joined(dataSet.numbers(element.tag, as: representation).map { "\($0)".droppingZeroFraction })
    case "DS", "IS": return joined(dataSet.texts(element.tag).map { isNumber($0) ? $0 : removed })
    case "CS": return joined(dataSet.texts(element.tag).map { isCode($0) ? $0 : removed })
    case "UI": return joined(dataSet.texts(element.tag).map { isStandardIdentifier($0) ? $0 : removed })
    case "SH": return joined(dataSet.texts(element.tag))
    default: return removed
    }
  }

  private static func joined(_ values: [String]) -> String {
    let text = values.prefix(shown).joined(separator: "\\")
    return values.count > shown ? "\(text)\\… (\(values.count) values)" : text
  }

  private static func isNumber(_ text: String) -> Bool {
    text.utf8.count <= 16 && text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
      && (text.isEmpty || Double(text) != nil)
  }

  /// Capital letters, digits, spaces and underscores, at most 16, and no number so long that it may be a day or a person's.
  private static func isCode(_ text: String) -> Bool {
    text.utf8.count <= 16 && !text.split { !$0.isNumber }.contains { $0.count > 4 }
      && text.utf8.allSatisfy {
        (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5f || $0 == 0x20
      }
  }

  /// A name that the standard itself gives: no one's own.
  private static func isStandardIdentifier(_ text: String) -> Bool {
    text.hasPrefix("1.2.840.10008.") && text.utf8.count <= 64
      && text.utf8.allSatisfy { $0 == 0x2e || (0x30...0x39).contains($0) }
  }

  private static func hexadecimal(_ number: UInt16) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}

/// A code and the scheme it is from (PS3.3 8.8).
private enum CodedConcept {
  static let value = DICOMTag(0x0008, 0x0100)
  static let scheme = DICOMTag(0x0008, 0x0102)
  static let tags: Set<DICOMTag> = [value, scheme]

  /// Published schemes, whose codes stand for ideas and not for people (PS3.16 8).
  private static let published: Set<String> = [
    "DCM", "SCT", "SRT", "SNM3", "99SDM", "FMA", "RADLEX", "UCUM", "LN", "NCIt", "UMLS",
  ]

  /// Whether the data set holds a code that looks like one of a published scheme.
  static func isPublished(_ dataSet: DICOMDataSet) -> Bool {
    let code = dataSet.text(value)
    return published.contains(dataSet.text(scheme)) && !code.isEmpty && code.utf8.count <= 16
      && code.utf8.allSatisfy { (0x41...0x5a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d || $0 == 0x2e }
  }
}

extension String {
  fileprivate var droppingZeroFraction: String { hasSuffix(".0") ? String(dropLast(2)) : self }
}
