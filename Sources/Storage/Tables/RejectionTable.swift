public import Foundation
public import Records

/// `rejected.csv`: one refused file a row, in the order given.
///
///     path,code,message,stage
public enum RejectionTable {
  public static let columns = ["path", "code", "message", "stage"]

  public static func write(_ rejections: [Rejection], to url: URL) throws {
    try write(to: url) { append in for rejection in rejections { try append(rejection) } }
  }

  /// Writes rejections as they come.
  public static func write(to url: URL, _ body: (_ append: (Rejection) throws -> Void) throws -> Void) throws {
    try CSVWriter.write(to: url, columns: columns) { writer in
      try body { rejection in
        try writer.row([rejection.path, rejection.code.rawValue, rejection.message, rejection.stage])
      }
    }
  }

  /// - Throws: the system's error, or `CSVError`, also for a code that this version doesn't know.
  public static func read(from url: URL) throws -> [Rejection] {
    var reader = try CSVReader(url)
    try reader.require(columns)
    return try reader.map { row in
      guard let code = Rejection.Code(rawValue: try row.text("code")) else {
        throw row.failure(.badValue(column: "code", wanted: "a known reason code"))
      }
      return Rejection(
        path: try row.text("path"), code: code, message: try row.text("message"), stage: try row.text("stage"))
    }
  }
}
