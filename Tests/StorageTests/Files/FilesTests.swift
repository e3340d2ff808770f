import Foundation
import Records
import Storage
import Tensors
import TestSupport
import Testing

/// Round trips, equal bytes and refusals of the three HDF5 formats.
struct FilesTests {
  private let provenance = Provenance(
    modelDigest: String(repeating: "ab", count: 32), preprocessing: #"{"size":64,"name":"größer"}"#,
    features: "layer=3 pool=mean", arithmetic: "f32 SkylakeX")

  private func ids(_ count: Int) -> [ImageID] { (0..<count).map { ImageID("id\($0)" + ($0 % 3 == 2 ? "-2" : "")) } }

  private func matrix(_ rows: Int, _ columns: Int) -> Matrix {
    Matrix(rows: rows, columns: columns, storage: (0..<rows * columns).map { Float($0) / 7 })
  }

  @Test func embeddingsComeBack() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "embeddings.h5")
      try withEvery("rows", in: [0, 1, 5, 3000]) { rows in
        let embeddings = Embeddings(ids: ids(rows), vectors: matrix(rows, 200), provenance: provenance)
        try EmbeddingsFile.write(embeddings, to: url)
        let bytes = try Data(contentsOf: url)
        let back = try EmbeddingsFile.read(from: url)
        #expect(back.ids == embeddings.ids && back.provenance == provenance)
        #expect(try back.vectors.loaded() == matrix(rows, 200))
        try EmbeddingsFile.write(back, to: url)  // over the file that it is read from
        #expect(try Data(contentsOf: url) == bytes)
      }
    }
  }

  /// Paths ride along where they are known, in all three formats.
  @Test func pathsComeBack() throws {
    let paths = ["a b/ä.png", "c.dcm"]
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.h5")
      for paths in [paths, []] {
        try EmbeddingsFile.write(
          Embeddings(ids: ids(2), paths: paths, vectors: matrix(2, 3), provenance: provenance), to: url)
        #expect(try EmbeddingsFile.read(from: url).paths == paths)
        let stack = PixelStack(count: 2, channels: 1, height: 1, width: 1, samples: .bits8([1, 2]))
        try ImagesFile.write(stack, ids: ids(2), paths: paths, preprocessing: "{}", to: url)
        #expect(try ImagesFile(reading: url).paths == paths)
        try PointsFile(ids: ids(2), paths: paths, points: matrix(2, 3)).write(to: url)
        #expect(try PointsFile(reading: url).paths == paths)
      }
    }
  }

  @Test(arguments: [1, 3]) func imagesComeBack(channels: Int) throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "images.h5")
      try withEvery("count", in: [0, 1, 4]) { count in
        let size = channels * 6 * 5
        let samples8 = (0..<count * size).map { UInt8(truncatingIfNeeded: $0) }
        let samples16 = (0..<count * size).map { UInt16(truncatingIfNeeded: $0 * 257) }
        for samples in [PixelStack.Samples.bits8(samples8), .bits16(samples16)] {
          let stack = PixelStack(count: count, channels: channels, height: 6, width: 5, samples: samples)
          try ImagesFile.write(stack, ids: ids(count), preprocessing: "{}", to: url, compression: .gzip(level: 1))
          let file = try ImagesFile(reading: url)
          #expect(file.ids == ids(count) && file.preprocessing == "{}")
          #expect(file.count == count && file.channels == channels && file.height == 6 && file.width == 5)
          let last = try file.stack(max(0, count - 2)..<count)
          switch (try file.stack().samples, last.samples, samples) {
          case (.bits8(let all), .bits8(let last), .bits8):
            #expect(all == samples8 && last == samples8.suffix(2 * size) && file.bits == 8)
          case (.bits16(let all), .bits16(let last), .bits16):
            #expect(all == samples16 && last == samples16.suffix(2 * size) && file.bits == 16)
          default: Issue.record("samples of another width came back")
          }
        }
        try ImagesFile.write(
          UInt8.self, ids: ids(count), channels: channels, height: 6, width: 5, preprocessing: "{}", to: url
        ) { writer in
          for image in 0..<count { try writer.append(Array(samples8[image * size..<(image + 1) * size])) }
        }
        guard case .bits8(let streamed) = try ImagesFile(reading: url).stack().samples else {
          throw Mismatch("16 bits")
        }
        #expect(streamed == samples8)
      }
    }
  }

  @Test func pointsComeBack() throws {
    let axes = PointsFile.PrincipalAxes(
      mean: [0.1, 0.2, 0.3], components: [1, 0, 0, 0, 1, 0], explainedVariance: [2, 1],
      explainedVarianceRatio: [0.6, 0.3], whiten: 0.7, isNormalized: true)
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "points.h5")
      try withEvery("rows", in: [0, 1, 7]) { rows in
        for (axes, map, provenance) in [(axes, matrix(rows, 2), provenance), (nil, nil, nil)]
          as [(PointsFile.PrincipalAxes?, Matrix?, Provenance?)]
        {
          let points = PointsFile(
            ids: ids(rows), points: matrix(rows, 2), principalAxes: axes, map: map, provenance: provenance)
          try points.write(to: url)
          let back = try PointsFile(reading: url)
          #expect(back.ids == points.ids && back.principalAxes == axes && back.map == map)
          #expect(back.provenance == provenance)
          #expect(try back.points.loaded() == matrix(rows, 2))
          let bytes = try Data(contentsOf: url)
          try points.write(to: url)
          #expect(try Data(contentsOf: url) == bytes)
        }
      }
    }
  }

  @Test func otherFilesAreRefused() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.h5")
      try EmbeddingsFile.write(Embeddings(ids: ids(2), vectors: matrix(2, 3), provenance: provenance), to: url)
      #expect(
        throws: FormatError(path: url.path, problem: .wrongFormat(found: "medoid-embeddings", wanted: "medoid-points"))
      ) {
        try PointsFile(reading: url)
      }
      try HDF5File.write(to: url) { file in
        try file.setAttribute("format", to: .string("medoid-images"))
        try file.setAttribute("format_version", to: .integer(2))
      }
      #expect(throws: FormatError(path: url.path, problem: .unsupportedVersion(found: 2, supported: 1))) {
        try ImagesFile(reading: url)
      }
      #expect(
        throws: FormatError(
          path: Fixture.folder.path + "/Storage/h5py_objects.h5",
          problem: .wrongFormat(found: nil, wanted: "medoid-embeddings"))
      ) {
        try EmbeddingsFile.read(from: Fixture.folder.appending(path: "Storage/h5py_objects.h5"))
      }
    }
  }

  /// Each of these heads lacks or bends one thing.
  @Test func bentFilesAreRefused() throws {
    try withTemporaryFolder { folder in
      let url = folder.appending(path: "a.h5")
      for bent in ["no features", "three axes", "few ids", "whole numbers", "no digest"] {
        try HDF5File.write(to: url) { file in
          try file.setAttribute("format", to: .string("medoid-embeddings"))
          try file.setAttribute("format_version", to: .integer(1))
          for name in ["model_digest", "preprocessing", "features", "arithmetic"]
          where !(bent == "no digest" && name == "model_digest") {
            try file.setAttribute(name, to: .string("x"))
          }
          try file.write(bent == "few ids" ? ["a"] : ["a", "b"], to: "/ids")
          switch bent {
          case "no features": break
          case "three axes": try file.write([1, 2] as [Float], shape: [2, 1, 1], to: "/features")
          case "whole numbers": try file.write([1, 2] as [Int64], shape: [2, 1], to: "/features")
          default: try file.write([1, 2] as [Float], shape: [2, 1], to: "/features")
          }
        }
        #expect(throws: FormatError.self, "\(bent)") { try EmbeddingsFile.read(from: url) }
      }
    }
  }
}
