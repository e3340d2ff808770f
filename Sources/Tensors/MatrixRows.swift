extension Matrix {
  /// Every row in turn, changed in place: `body` gets `columns` numbers.
  public mutating func changeRows(_ body: (UnsafeMutablePointer<Float>) -> Void) {
    let (rows, columns) = (rows, columns)
    withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      for row in 0..<rows { body(start + row * columns) }
    }
  }
}
