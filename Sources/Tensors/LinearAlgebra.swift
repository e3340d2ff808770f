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
    /// Row `i` is the unit eigenvector of `values[i]`, or of the `i`-th of the largest where only those were wanted: `order` numbers each.
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

  /// All eigenvalues of the symmetric `matrix`, ascending, and the eigenvectors of the largest: as many as `wanted` says when it has seen
  /// the values, in the order of the values. By tridiagonal reduction, divide and conquer, and back (`dsytrd`, `dstedc`,
  /// `dormtr`): what `dsyevd` does, but only the wanted vectors are brought back, which is up to a third of the time less.
  /// - Precondition: `wanted` answers with 0...order. Squares of the numbers stay within the range of `Double`.
  /// - Throws: `LinearAlgebraError`, when a number is not finite or the iteration does not converge.
  /// - Complexity: O(order³) time, about 5 · order² numbers of work space.
  public static func symmetricEigen(
    _ matrix: [Double], order: Int, wanted: (_ values: [Double]) -> Int
  ) throws -> SymmetricEigen<Double> {
    precondition(matrix.count == order * order, "\(matrix.count) numbers for order \(order)")
    if order == 0 { return SymmetricEigen(values: [], vectors: []) }
    let size = Int32(order)
    var reduced = matrix
    var values = [Double](repeating: 0, count: order)
    var besides = [Double](repeating: 0, count: max(order - 1, 1))
    var factors = besides
    try check("dsytrd", LAPACKE_dsytrd(LAPACK_COL_MAJOR, lower, size, &reduced, size, &values, &besides, &factors))
    var vectors = [Double](repeating: 0, count: order * order)
    try check("dstedc", LAPACKE_dstedc(LAPACK_COL_MAJOR, own, size, &values, &besides, &vectors, size))
    let count = wanted(values)
    precondition((0...order).contains(count), "\(count) eigenvectors of \(order)")
    vectors.removeFirst((order - count) * order)
    if count > 0 && order > 1 {
      try check(
        "dormtr",
        LAPACKE_dormtr(
          LAPACK_COL_MAJOR, left, lower, asItIs, size, Int32(count), reduced, size, factors, &vectors, size))
    }
    return SymmetricEigen(values: values, vectors: vectors)
  }

  /// Orthonormal rows that span those of `matrix`, by Householder reflections (`dgeqrf`, `dorgqr`).
  /// - Parameter matrix: `rows × columns` numbers, rows ≤ columns.
  /// - Throws: `LinearAlgebraError`, when a number is not finite.
  /// - Complexity: O(rows² · columns).
  public static func orthonormalRows(_ matrix: [Double], rows: Int, columns: Int) throws -> [Double] {
    precondition(matrix.count == rows * columns && rows <= columns, "\(matrix.count) numbers for \(rows) × \(columns)")
    if rows == 0 { return [] }
    var result = matrix
    var factors = [Double](repeating: 0, count: rows)
    let (height, width) = (Int32(columns), Int32(rows))
    try check("dgeqrf", LAPACKE_dgeqrf(LAPACK_COL_MAJOR, height, width, &result, height, &factors))
    try check("dorgqr", LAPACKE_dorgqr(LAPACK_COL_MAJOR, height, width, width, &result, height, factors))
    return result
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
  private static let own = CChar(UInt8(ascii: "I"))
  private static let left = CChar(UInt8(ascii: "L"))
  private static let asItIs = CChar(UInt8(ascii: "N"))
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
