/// How one of our tensors is made of a checkpoint's: which, and what is done to them.
enum Assembly: Equatable {
  /// As it is.
  case copy(String)
  /// One under another, equal numbers of rows; zeros for one that isn't there.
  case stacked([String?])
  /// The middle third, which is the keys', set to zero.
  case withoutKeys(String)
  /// A row of zeros, for the class token, before the rows of the patches.
  case withClassRow(String)
  /// A table without its rows for the registers, which are added to these.
  case withoutRegisters(String, count: Int, width: Int)
  /// Registers, and their rows of the table, after the class token's.
  case registers(String, table: String, width: Int)
  case zeros

  /// The numbers, row-major. - Parameter count: how many they are. - Throws: what `read` does.
  func values(count: Int, _ read: (String) throws -> [Float]) throws -> [Float] {
    switch self {
    case .copy(let name): return try read(name)
    case .zeros: return [Float](repeating: 0, count: count)
    case .stacked(let names):
      return try names.flatMap { try $0.map(read) ?? [Float](repeating: 0, count: count / names.count) }
    case .withoutKeys(let name):
      var values = try read(name)
      values.replaceSubrange(count / 3..<2 * count / 3, with: repeatElement(0, count: count / 3))
      return values
    case .withClassRow(let name):
      let patches = try read(name)
      return [Float](repeating: 0, count: count - patches.count) + patches
    case .withoutRegisters(let name, let registers, let width):
      var values = try read(name)
      values.removeSubrange(width..<width + registers * width)
      return values
    case .registers(let name, let table, let width):
      let (tokens, rows) = (try read(name), try read(table))
      return tokens.indices.map { tokens[$0] + rows[width + $0] }
    }
  }
}
