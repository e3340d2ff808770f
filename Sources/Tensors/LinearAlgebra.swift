import CLAPACKE

/// Factorisations of dense matrices by LAPACK. The only file that names `LAPACKE_`.
///
/// All matrices are row-major arrays. LAPACK is column-major: a symmetric matrix reads the same both ways, and the others are
/// handed over as their transposes, so nothing is copied to turn it round. Results have whatever sign LAPACK gives; whoever
/// needs one sign fixes it. Equal input gives equal bytes on one kernel family with OpenBLAS on one thread.
public enum LinearAlgebra {
  /// Eigenvalues, ascending, and eigenvectors of a symmetric matrix.
  public struct SymmetricEigen<Scalar: Sendable>: Sendable {
    /// `order` numbers, smallest first.
    public let values: [Scalar]
    /// Row `i` is the unit eigenvector of `values[i]`: `order × order` numbers.
    public let vectors: [Scalar]
  }

  /// A thin singular value decomposition `a = u · diag(values) · vt`, with `r = min(rows, columns)`.
  public struct SVD: Sendable {
    /// `rows × r` numbers; columns are the left singular vectors.
    public let u: [Double]
    /// `r` numbers, largest first.
    public let values: [Double]
    /// `r × columns` numbers; rows are the right singular vectors.
    public let vt: [Double]
  }

  /// All eigenvalues and eigenvectors of the symmetric `matrix`, by divide and conquer (`dsyevd`).
  /// - Parameter matrix: `order × order` numbers; only one triangle is read.
  /// - Throws: `LinearAlgebraError`, when a number is not finite or the iteration does not converge.
  /// - Complexity: O(order³) time, about 3 · order² numbers of work space.
  public static func symmetricEigen(_ matrix: [Double], order: Int) throws -> SymmetricEigen<Double> {
    precondition(matrix.count == order * order, "\(matrix.count) numbers for order \(order)")
    var vectors = matrix
    var values = [Double](repeating: 0, count: order)
    if order == 0 { return SymmetricEigen(values: [], vectors: []) }
    try check(
      "dsyevd", LAPACKE_dsyevd(LAPACK_COL_MAJOR, vectorsWanted, lower, Int32(order), &vectors, Int32(order), &values))
    return SymmetricEigen(values: values, vectors: vectors)
  }

  /// As above in 32 bits (`ssyevd`).
  public static func symmetricEigen(_ matrix: [Float], order: Int) throws -> SymmetricEigen<Float> {
    precondition(matrix.count == order * order, "\(matrix.count) numbers for order \(order)")
    var vectors = matrix
    var values = [Float](repeating: 0, count: order)
    if order == 0 { return SymmetricEigen(values: [], vectors: []) }
    try check(
      "ssyevd", LAPACKE_ssyevd(LAPACK_COL_MAJOR, vectorsWanted, lower, Int32(order), &vectors, Int32(order), &values))
    return SymmetricEigen(values: values, vectors: vectors)
  }

  /// The thin singular value decomposition of `matrix`, by divide and conquer (`dgesdd`).
  /// - Parameter matrix: `rows × columns` numbers.
  /// - Throws: `LinearAlgebraError`, when a number is not finite or the iteration does not converge.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  public static func svd(_ matrix: [Double], rows: Int, columns: Int) throws -> SVD {
    precondition(matrix.count == rows * columns, "\(matrix.count) numbers for \(rows) × \(columns)")
    let rank = min(rows, columns)
    if rank == 0 { return SVD(u: [], values: [], vt: []) }
    var work = matrix
    var values = [Double](repeating: 0, count: rank)
    var vt = [Double](repeating: 0, count: rank * columns)
    var u = [Double](repeating: 0, count: rows * rank)
    // What LAPACK sees is the transpose, columns × rows; its left vectors are our right ones.
    try check(
      "dgesdd",
      LAPACKE_dgesdd(
        LAPACK_COL_MAJOR, thin, Int32(columns), Int32(rows), &work, Int32(columns), &values, &vt, Int32(columns), &u,
        Int32(rank)))
    return SVD(u: u, values: values, vt: vt)
  }

  private static let vectorsWanted = CChar(UInt8(ascii: "V"))
  private static let lower = CChar(UInt8(ascii: "L"))
  private static let thin = CChar(UInt8(ascii: "S"))

  /// The one place that reads LAPACK's status.
  private static func check(_ routine: String, _ info: Int32) throws {
    if info == 0 { return }
    if info > 0 { throw LinearAlgebraError.notConverged(routine: routine, info: Int(info)) }
    if info <= -1000 { throw LinearAlgebraError.outOfMemory(routine: routine) }
    throw LinearAlgebraError.refused(routine: routine, argument: Int(-info))
  }
}

/// What LAPACK could not do.
public enum LinearAlgebraError: Error, Equatable, CustomStringConvertible {
  /// The iteration did not converge; `info` is LAPACK's positive status.
  case notConverged(routine: String, info: Int)
  /// An argument was refused, by its position in the call; for a matrix this means that it holds a number that is not finite.
  case refused(routine: String, argument: Int)
  /// The work space could not be had.
  case outOfMemory(routine: String)

  public var description: String {
    switch self {
    case .notConverged(let routine, let info): "\(routine) did not converge (info \(info))"
    case .refused(let routine, let argument): "\(routine) refused its argument \(argument): not finite?"
    case .outOfMemory(let routine): "\(routine) could not get its work space"
    }
  }
}
