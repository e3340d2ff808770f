import Records

/// What every HDF5 file of ours says about itself: root attributes `format` (text) and `format_version` (whole number).
extension HDF5File {
  func setFormat(_ format: String, version: Int64) throws {
    try setAttribute("format", to: .string(format))
    try setAttribute("format_version", to: .integer(version))
  }

  /// - Throws: `FormatError` unless the file is of that format and version.
  func checkFormat(_ format: String, version: Int64) throws {
    let found = try textAttribute("format")
    if found != format { throw FormatError(path: path, problem: .wrongFormat(found: found, wanted: format)) }
    guard case .integer(let number) = try attribute("format_version"), number == version else {
      var number: Int64?
      if case .integer(let other) = try attribute("format_version") { number = other }
      throw FormatError(path: path, problem: .unsupportedVersion(found: number, supported: version))
    }
  }

  /// The root attribute of that name if it is text.
  func textAttribute(_ name: String) throws -> String? {
    if case .string(let text) = try attribute(name) { text } else { nil }
  }

  func requiredText(_ name: String) throws -> String {
    guard let text = try textAttribute(name) else { throw FormatError(path: path, problem: .missing(object: name)) }
    return text
  }

  /// Provenance as four root attributes: `model_digest`, `preprocessing`, `features`, `arithmetic`.
  func setProvenance(_ provenance: Provenance) throws {
    try setAttribute("model_digest", to: .string(provenance.modelDigest))
    try setAttribute("preprocessing", to: .string(provenance.preprocessing))
    try setAttribute("features", to: .string(provenance.features))
    try setAttribute("arithmetic", to: .string(provenance.arithmetic))
  }

  func provenance() throws -> Provenance {
    Provenance(
      modelDigest: try requiredText("model_digest"), preprocessing: try requiredText("preprocessing"),
      features: try requiredText("features"), arithmetic: try requiredText("arithmetic"))
  }

  /// Which image each row is: `/ids`, and `/paths` where they are known.
  func writeImages(_ ids: [ImageID], _ paths: [String]) throws {
    precondition(paths.isEmpty || paths.count == ids.count, "\(paths.count) paths for \(ids.count) ids")
    try write(ids.map(\.rawValue), to: "/ids")
    if !paths.isEmpty { try write(paths, to: "/paths") }
  }

  /// `/ids`, one for each of `rows`.
  func readIDs(rows: Int) throws -> [ImageID] { try texts("/ids", rows: rows).map { ImageID($0) } }

  /// `/paths`, one for each of `rows`; empty where the file has none.
  func readPaths(rows: Int) throws -> [String] { try contains("/paths") ? texts("/paths", rows: rows) : [] }

  private func texts(_ name: String, rows: Int) throws -> [String] {
    let texts = try strings(name)
    if texts.count != rows {
      throw FormatError(path: path, problem: .wrongShape(object: name, found: [texts.count], wanted: "(\(rows))"))
    }
    return texts
  }

  /// A dataset with so many axes, of which the last have the lengths given.
  func dataset(_ name: String, axes: Int, last lengths: [Int] = [], wanted: String) throws -> HDF5Dataset {
    guard try contains(name) else { throw FormatError(path: path, problem: .missing(object: name)) }
    let dataset = try dataset(name)
    guard dataset.shape.count == axes, dataset.shape.suffix(lengths.count).elementsEqual(lengths) else {
      throw FormatError(path: path, problem: .wrongShape(object: name, found: dataset.shape, wanted: wanted))
    }
    return dataset
  }
}
