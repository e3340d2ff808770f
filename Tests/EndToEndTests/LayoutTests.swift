import Foundation
import Storage
import TestSupport
import Testing

/// `pool: layout`: what is where, by the archive's own directions.
struct LayoutTests {
  private static let recipe = """
    name: layout
    seed: 7
    steps:
      ingest: { stage: ingest, from: archive/images, size: 32 }
      model: { stage: dino, images: ingest, arch: vit_tiny, depth: 2, patch_size: 4, epochs: 0 }
      embed: { stage: embed, images: ingest, model: model, layer: 1, pool: layout, precision: f32 }

    """

  @Test func cellsAreWrittenInPrincipalDirections() throws {
    try withTemporaryFolder { folder in
      let program = Program(folder: folder)
      try LayoutTests.recipe.write(to: folder.appending(path: "recipe.yml"), atomically: true, encoding: .utf8)
      #expect(try program("phantom", "--out", "archive", "--images", "42", "--seed", "3").status == 0)
      for threads in [1, 3] {
        let run = try program(
          "run", "recipe.yml", "--out", "out\(threads)", "--store", "store\(threads)", "-j", "\(threads)")
        #expect(run.status == 0, "\(run.errors)")
      }
      #expect(try program.data("out1/embeddings.h5") == program.data("out3/embeddings.h5"))
      let embeddings = try EmbeddingsFile.read(from: folder.appending(path: "out1/embeddings.h5"))
      #expect(embeddings.provenance.features == "layer=1 pool=layout directions=32 shifts=1")
      let vectors = try embeddings.vectors.loaded()
      #expect(vectors.columns == 64 * 32)
      // Over all cells of all images each direction has mean 0, and each varies less than the one before it: the directions
      // were taken from these very images.
      let cells = Double(vectors.rows * 64)
      var sums = [Double](repeating: 0, count: 32)
      var squares = sums
      for (place, value) in vectors.storage.enumerated() {
        sums[place % 32] += Double(value)
        squares[place % 32] += Double(value) * Double(value)
      }
      #expect(zip(sums, squares).allSatisfy { abs($0 / cells) < 1e-4 * ($1 / cells).squareRoot() })
      #expect(zip(squares, squares.dropFirst()).allSatisfy { $0 >= $1 } && squares[31] > 0)
    }
  }
}
