extension RowSource {
  /// The lowest row that holds a number that is not finite, or nil: the check every algorithm makes before it trusts its input.
  /// - Throws: what the medium throws. - Complexity: O(rows · columns), one pass.
  public func firstRowThatIsNotFinite() throws -> Int? {
    let columns = columns
    var found: Int?
    if columns == 0 { return nil }
    try forEachBlock(of: 1024) { range, block in
      if found != nil { return }
      // A sum of (x − x) is zero exactly when every x is finite; the search for the culprit runs only when it isn't.
      var trace: Float = 0
      for value in block { trace += value - value }
      if trace == 0 { return }
      found = block.firstIndex { !$0.isFinite }.map { range.lowerBound + $0 / columns }
    }
    return found
  }
}
