import COpenBLAS

/// Products of 64-bit matrices, for sums that 32 bits would spoil (covariances).
extension BLAS {
  /// `c = alpha · op(a) · op(b) + beta · c`, all row-major; `op(a)` is m × k, `op(b)` is k × n. The C function is `cblas_dgemm`.
  public static func multiply(
    _ a: UnsafePointer<Double>, transposeA: Bool = false, _ b: UnsafePointer<Double>, transposeB: Bool = false,
    into c: UnsafeMutablePointer<Double>, m: Int, n: Int, k: Int, alpha: Double = 1, beta: Double = 0
  ) {
    cblas_dgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n),
      Int32(k), alpha, a, Int32(transposeA ? m : k), b, Int32(transposeB ? k : n), beta, c, Int32(n))
  }

  /// Adds `factor · aᵀ · a` to the upper triangle of `c`; `a` is rows × columns, `c` columns × columns, row-major. The C function is
  /// `cblas_dsyrk`.
  public static func addGram(
    of a: UnsafePointer<Double>, rows: Int, columns: Int, times factor: Double = 1, to c: UnsafeMutablePointer<Double>
  ) {
    cblas_dsyrk(
      CblasRowMajor, CblasUpper, CblasTrans, Int32(columns), Int32(rows), factor, a, Int32(columns), 1, c,
      Int32(columns))
  }
}
