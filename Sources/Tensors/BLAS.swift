import COpenBLAS

/// OpenBLAS as this program uses it: single-threaded products, our own threads above them.
public enum BLAS {
  /// Pins OpenBLAS to one thread. Call once before anything else: nested threads cost up to thirty times (measured).
  public static func useOneThread() { openblas_set_num_threads(1) }

  /// The kernel family OpenBLAS chose ("SkylakeX", "Haswell", …). Families round differently, so it is part of provenance.
  public static var kernelFamily: String { String(cString: openblas_get_corename()) }

  /// `c = alpha · op(a) · op(b) + beta · c`, all row-major; `op(a)` is m × k, `op(b)` is k × n. The C function is `cblas_sgemm`.
  /// - Parameters: leading dimensions are the stored row lengths; by default rows are packed.
  @inlinable
  public static func multiply(
    _ a: UnsafePointer<Float>, transposeA: Bool = false, _ b: UnsafePointer<Float>, transposeB: Bool = false,
    into c: UnsafeMutablePointer<Float>, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0,
    strideA: Int? = nil, strideB: Int? = nil, strideC: Int? = nil
  ) {
    sgemm(
      a, transposeA, b, transposeB, c, m, n, k, alpha, beta, strideA ?? (transposeA ? m : k),
      strideB ?? (transposeB ? k : n), strideC ?? n)
  }

  @usableFromInline
  static func sgemm(
    _ a: UnsafePointer<Float>, _ transposeA: Bool, _ b: UnsafePointer<Float>, _ transposeB: Bool,
    _ c: UnsafeMutablePointer<Float>, _ m: Int, _ n: Int, _ k: Int, _ alpha: Float, _ beta: Float,
    _ strideA: Int, _ strideB: Int, _ strideC: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, Int32(m), Int32(n),
      Int32(k), alpha, a, Int32(strideA), b, Int32(strideB), beta, c, Int32(strideC))
  }
}
