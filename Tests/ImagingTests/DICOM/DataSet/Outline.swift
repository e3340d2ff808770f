import Imaging

/// All elements of a file in one text, a line each: depth, tag, representation, bytes of the value or items of the sequence.
///
/// The scripts under `Tests/Fixtures/Imaging` write the same of what pydicom finds. Nothing of the root behind the pixel data is in it.
func outline(_ file: DICOMFile) -> String {
  var lines = [file.meta.text(.transferSyntax)]
  add(file.dataSet, depth: 0, to: &lines)
  return lines.map { $0 + "\n" }.joined()
}

private func add(_ dataSet: DICOMDataSet, depth: Int, to lines: inout [String]) {
  for element in dataSet.elements where depth > 0 || element.tag <= .pixelData {
    let number = String(element.tag.number, radix: 16)
    let name = "\(depth) " + String(repeating: "0", count: 8 - number.count) + number
    if element.tag == .specificCharacterSet {
      lines.append("\(name) cs")
    } else if !(element.tag == .pixelData && element.isUndefinedLength), let items = dataSet.items(element) {
      lines.append("\(name) SQ \(items.count)")
      for item in items { add(item, depth: depth + 1, to: &lines) }
    } else {
      let representation = element.representation.text.isEmpty ? "--" : element.representation.text
      lines.append("\(name) \(representation) \(element.isUndefinedLength ? "*" : String(element.value.count))")
    }
  }
}
