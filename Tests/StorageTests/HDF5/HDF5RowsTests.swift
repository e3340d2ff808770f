import Foundation
import Storage
import Tensors
import TestSupport
import Testing

struct HDF5RowsTests {
  /// Rows of 100 kB, so that a chunk holds ten: sizes around chunk borders, blocks of every size, one file.
  @Test(arguments: [HDF5Compression.none, .gzip(level: 2)])
  func bytesDependOnRowsAndNotOnBlocks(_ compression: HDF5Compression) throws {
    let columns = 25_000
    try withTemporaryFolder { folder in
      try withEvery("rows", in: [0, 1, 9, 10, 11, 21]) { rows in
        let matrix = matrix(rows: rows, columns: columns)
        for declared in [rows, nil] {
          var first: Data?
          for block in [1, 3, 10, 25] {
            let url = folder.appending(path: "a.h5")
            try HDF5File.write(to: url) { file in
              let writer = try file.appendRows(
                of: Float.self, to: "/x", rowShape: [columns], rows: declared, compression: compression)
              try matrix.forEachBlock(of: block) { _, rows in try writer.append(rows) }
              #expect(writer.rows == rows)
              try writer.finish()
            }
            let bytes = try Data(contentsOf: url)
            #expect(bytes == first ?? bytes, "rows \(rows), blocks of \(block)")
            first = bytes
            if block == 3 { #expect(try HDF5Rows(HDF5File(reading: url).dataset("/x")).loaded() == matrix) }
          }
        }
      }
    }
  }

  @Test func keepsTheContractOfRowSources() throws {
    let matrix = matrix(rows: 37, columns: 9)
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.h5")
      try HDF5File.write(to: url) { try $0.write(matrix.storage, shape: [37, 9], to: "/x") }
      let source = try HDF5Rows(HDF5File(reading: url).dataset("/x"))
      #expect(source.rows == 37 && source.columns == 9)
      for start in 0...37 {
        for end in start...37 {
          let same = try source.withRows(start..<end) { lent in
            try matrix.withRows(start..<end) { lent.elementsEqual($0) }
          }
          #expect(same, "rows \(start)..<\(end)")
        }
      }
      let sums = try WorkerPool(threads: 3).map(jobs: 60) { job, _ in
        try source.withRows(job % 37..<37) { $0.reduce(0, +) }
      }
      for job in sums.indices { #expect(sums[job] == matrix.storage[(job % 37 * 9)...].reduce(0, +)) }
    }
  }

  @Test func refusesWhatIsNoMatrixOfFloats() throws {
    let file = try HDF5File(reading: Fixture.folder.appending(path: "Storage/h5py_objects.h5"))
    #expect(throws: FormatError.self) { try HDF5Rows(file.dataset("/uint8")) }
    #expect(throws: FormatError.self) { try HDF5Rows(file.dataset("/deep/er/gzipped")) }
    #expect(try HDF5Rows(file.dataset("/float32")).loaded() == Matrix(rowsOf: [[0, 0.25, 0.5], [0.75, 1, 1.25]]))
  }

  private func matrix(rows: Int, columns: Int) -> Matrix {
    var generator = Seed(UInt64(rows)).generator()
    return Matrix(
      rows: rows, columns: columns, storage: (0..<rows * columns).map { _ in Float(generator.integer(below: 512)) })
  }
}
