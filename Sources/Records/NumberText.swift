/// How numbers are written in CSV, JSON and pages that machines read back: the shortest decimal text that reads as the same number.
///
/// One place, so that equal numbers have equal text everywhere: `0.1`, `5.0`, `1e-05`, and `nan`, `inf`, `-inf` where a table needs them.
/// Deterministic and independent of locale (the standard library's own algorithm). NumPy, pandas and R read all of them.
public enum NumberText {
  public static func text(_ value: Float) -> String { value.isNaN ? "nan" : value.description }

  public static func text(_ value: Double) -> String { value.isNaN ? "nan" : value.description }

  public static func text(_ value: Int) -> String { value.description }

  /// Empty where there is no number.
  public static func text(_ value: Double?) -> String { value.map { text($0) } ?? "" }

  /// Empty where there is no number.
  public static func text(_ value: Float?) -> String { value.map { text($0) } ?? "" }

  /// For JSON, which knows no NaN and no infinity: `null` in their place.
  public static func json(_ value: Double) -> String { value.isFinite ? value.description : "null" }

  public static func json(_ value: Float) -> String { value.isFinite ? value.description : "null" }
}
